/** What others did. Words in braces stand for names and titles. */
/** By how many did it. */
type ByPeople = (people: number) => string;
const always =
  (text: string): ByPeople =>
  () =>
    text;

export const notifications = {
  title: 'Notifications',
  nothing: 'Nothing yet',
  nothingMore: 'Who follows you, mentions you, likes your videos or comments on them is told here.',
  more: 'Show more',
  unread: 'New',
  /** Who did it: one, two, or more of which `others` are not named. */
  one: '{first}',
  two: '{first} and {second}',
  many: (others: number): string =>
    others === 1 ? '{first}, {second} and 1 other' : `{first}, {second} and ${others} others`,
  video: '“{title}”',
  yourVideo: 'your video',
  follower: (n: number): string => (n === 1 ? '{who} follows you' : '{who} follow you'),
  like: always('{who} liked {video}'),
  comment: always('{who} commented on {video}: {text}'),
  mention: always('{who} mentioned you: {text}'),
  mentionInVideo: always('{who} mentioned you in a video'),
  ready: '{video} is ready',
  readyUnnamed: 'Your video is ready',
  failed: '{video} cannot be shown',
  failedUnnamed: 'Your video cannot be shown',
};
