/** The socket's frames, typed as the live contract names them. */
import type { Comment, Video, VideoFailure, VideoStatus } from '../api/types';

export interface VideoProgress {
  id: string;
  status: VideoStatus;
  progress: number;
  error: VideoFailure | null;
}

export interface VideoCounts {
  video_id: string;
  views: number;
  likes: number;
  comments: number;
  watchers: number;
}

/** Every event's data by its name. */
export interface LiveEvents {
  'video.published': Video;
  'video.progress': VideoProgress;
  'video.ready': VideoProgress;
  'video.failed': VideoProgress;
  'video.updated': Partial<Video> & { id: string };
  'video.removed': { id: string };
  'comment.created': Comment;
  'comment.removed': { id: string; video_id: string };
  counts: VideoCounts;
}

export type LiveEventName = keyof LiveEvents;

export type ServerFrame =
  | { type: 'welcome'; session: string; position: string; heartbeat_ms: number }
  | { type: 'event'; event: string; position: string | null; data: unknown }
  | { type: 'caught_up'; recovered: boolean; missed: number; position: string }
  | { type: 'reauthenticate' }
  | { type: 'ack'; id: number; data: unknown }
  | { type: 'error'; id: number | null; code: string; detail: string }
  | { type: 'pong'; id: number };

/** Reads a frame; null for what is none of ours, so that a newer server does no harm. */
export function frameOf(text: string): ServerFrame | null {
  try {
    const frame = JSON.parse(text) as { type?: unknown } | null;
    return typeof frame?.type === 'string' ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}
