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
  nothingMore: 'New followers, mentions, likes and comments appear here.',
  more: 'Show more',
  unread: 'New',
  /** Who did it: one, two, or more of which `others` are not named. */
  one: '{first}',
  two: '{first} and {second}',
  many: (others: number): string =>
    others === 1 ? '{first}, {second} and 1 other' : `{first}, {second} and ${others} others`,
  video: '“{title}”',
  yourVideo: 'your video',
  follower: always('{who} started following you'),
  like: always('{who} liked {video}'),
  /** What they wrote stands below. */
  comment: always('{who} commented on {video}'),
  mention: always('{who} mentioned you'),
  mentionInVideo: always('{who} mentioned you in a video'),
  ready: '{video} is ready',
  readyUnnamed: 'Your video is ready',
  failed: '{video} couldn’t be processed',
  failedUnnamed: 'Your video couldn’t be processed',
};
