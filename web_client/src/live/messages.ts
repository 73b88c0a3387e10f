/** The socket's frames, typed as the live contract names them. */
import type {
  Author,
  Comment,
  Source,
  User,
  Video,
  VideoFailure,
  VideoStatus,
  View,
  Visibility,
} from '../api/types';

export interface VideoProgress {
  id: string;
  status: VideoStatus;
  progress: number;
  error: VideoFailure | null;
}

/** Its id, and those of its fields that have changed, as they are now. */
export interface ChangedVideo {
  id: string;
  title?: string;
  description?: string;
  hashtags?: string[];
  visibility?: Visibility;
  sources?: Source[];
  poster_url?: string | null;
  preview_url?: string | null;
  storyboard_url?: string | null;
  thumbhash?: string | null;
  archived?: boolean;
}

export interface RemovedVideo {
  id: string;
}

export interface RemovedComment {
  id: string;
  video_id: string;
}

/** Of a video that is watched; `watchers` is how many accounts watch it now. */
export interface Counts {
  video_id: string;
  views: number;
  likes: number;
  comments: number;
  watchers: number;
}

/** Who liked it last, and how many do. */
export interface LikeOfYours {
  video_id: string;
  user: Author;
  likes: number;
}

/** Every event's data by its name. */
export interface LiveEvents {
  'video.published': Video;
  'video.progress': VideoProgress;
  'video.ready': VideoProgress;
  'video.failed': VideoProgress;
  'video.updated': ChangedVideo;
  'video.removed': RemovedVideo;
  'comment.created': Comment;
  'comment.removed': RemovedComment;
  counts: Counts;
  'follower.new': User;
  'comment.on_yours': Comment;
  'like.on_yours': LikeOfYours;
}

export type LiveEventName = keyof LiveEvents;

export type ServerFrame =
  | {
      type: 'welcome';
      session: string;
      position: string;
      heartbeat_ms: number;
      max_message_bytes: number;
    }
  | { type: 'event'; event: string; position: string | null; data: unknown }
  | { type: 'caught_up'; recovered: boolean; missed: number; position: string }
  | { type: 'reauthenticate' }
  | { type: 'ack'; id: number; data: unknown }
  | { type: 'error'; id: number | null; code: string; detail: string }
  | { type: 'pong'; id: number };

/** What a client says; each but `resume` is answered with its number. */
export type ClientFrame =
  | { type: 'resume'; id: number; position: string }
  | { type: 'auth'; id: number; token: string }
  | { type: 'ping'; id: number }
  | { type: 'watch'; id: number; video_id: string }
  | { type: 'unwatch'; id: number; video_id: string }
  | { type: 'comment'; id: number; video_id: string; text: string; key: string }
  | { type: 'view'; id: number; views: readonly View[] };

/** Reads a frame; null for what is none of ours, so that a newer server does no harm. */
export function frameOf(text: string): ServerFrame | null {
  try {
    const frame = JSON.parse(text) as { type?: unknown } | null;
    return typeof frame?.type === 'string' ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}
