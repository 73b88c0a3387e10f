/** What a notification says, and where it leads. */
import type { Author, Notification } from '../api/types';

/** "Ann", "Ann and Ben", "Ann, Ben and 12 others" */
export function whoOf(actors: readonly Author[], count: number): string {
  const [first = '', second = ''] = actors.map((actor) => actor.display_name || actor.username);
  if (count <= 1 || !second) return first;
  if (count === 2) return `${first} and ${second}`;
  return `${first}, ${second} and ${count === 3 ? '1 other' : `${count - 2} others`}`;
}

/** What was done; whoever did it stands before it. */
export function whatOf({ kind, video, comment, actors_count }: Notification): string {
  const named = video?.title ? `“${video.title}”` : 'your video';
  switch (kind) {
    case 'follower':
      return actors_count === 1 ? 'follows you' : 'follow you';
    case 'like':
      return `liked ${named}`;
    case 'comment':
      return `commented on ${named}: ${comment?.text ?? ''}`;
    case 'mention':
      return comment ? `mentioned you: ${comment.text}` : 'mentioned you in a video';
    case 'video_ready':
      return `${video?.title ? named : 'Your video'} is ready`;
    case 'video_failed':
      return `${video?.title ? named : 'Your video'} cannot be shown`;
  }
}

/** The video; of followers theirs, or the list of one's own. */
export function whereOf({ kind, video, actors }: Notification, own: string): string {
  if (kind === 'video_failed') return `/@${own}`;
  if (video) return `/videos/${video.id}`;
  return actors.length === 1 && actors[0] ? `/@${actors[0].username}` : `/@${own}/followers`;
}
