/** The shapes of the HTTP contract that this client reads; times are RFC 3339, media URLs are paths from the root. */

export interface Author {
  id: string;
  username: string;
  display_name: string;
  avatar_url: string | null;
}

export interface User extends Author {
  bio: string;
  created_at: string;
  counts: { followers: number; following: number; videos: number };
  viewer: { following: boolean } | null;
}

export interface Account extends User {
  email: string;
}

/** The answer to signing up, logging in and refreshing; the refresh token itself stays in its HttpOnly cookie. */
export interface SessionAnswer {
  account: Account;
  access_token: string;
  /** Seconds. */
  expires_in: number;
}

export type Visibility = 'public' | 'followers' | 'private';
export type VideoStatus = 'uploaded' | 'processing' | 'playable' | 'ready' | 'failed';

export interface VideoFailure {
  code: string;
  detail: string;
}

export interface Source {
  type: string;
  url: string;
  width: number | null;
  height: number | null;
  /** Bits a second; the peak for HLS. */
  bitrate: number | null;
  bytes: number | null;
  expires_at: string | null;
}

export interface Video {
  id: string;
  author: Author;
  title: string;
  description: string;
  hashtags: string[];
  visibility: Visibility;
  status: VideoStatus;
  /** 0..1; 1 exactly when `ready`. */
  progress: number;
  error: VideoFailure | null;
  created_at: string;
  published_at: string | null;
  duration_ms: number | null;
  width: number | null;
  height: number | null;
  /** Best first for a start. */
  sources: Source[];
  poster_url: string | null;
  /** A short moving picture; null until it is made. */
  preview_url: string | null;
  /** WebVTT: pictures along it; null until they are made. */
  storyboard_url: string | null;
  thumbhash: string | null;
  counts: { views: number; likes: number; comments: number };
  viewer: { liked: boolean } | null;
  /** Reserved. */
  archived: boolean;
}

export interface Comment {
  id: string;
  video_id: string;
  author: Author;
  text: string;
  created_at: string;
}

/** What begins as was typed. */
export interface Found {
  users: User[];
  hashtags: { tag: string; videos: number }[];
}

/** Where one came upon a video. */
export type ViewSource = 'following' | 'suggested' | 'profile' | 'link';

/** How a video was watched, told once it was left. */
export interface View {
  video_id: string;
  watched_ms: number;
  /** To its end at least once. */
  completed: boolean;
  /** How often it was watched to its end after that. */
  replays: number;
  source: ViewSource;
}

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** Something that one is told of; what is alike is one until it is read. */
export interface Notification {
  id: string;
  kind: 'follower' | 'like' | 'comment' | 'mention' | 'video_ready' | 'video_failed';
  video: Video | null;
  comment: Comment | null;
  /** The newest three, newest first. */
  actors: Author[];
  actors_count: number;
  unread: boolean;
  created_at: string;
  updated_at: string;
}

export interface NotificationsPage extends Page<Notification> {
  unread: number;
  /** Says that all of this was seen. */
  up_to: number;
}

export interface FollowingPage extends Page<Video> {
  /** Where a live session resumes so that it misses nothing after this page. */
  position: string;
}

export interface UploadLimits {
  max_bytes: number;
  max_duration_ms: number;
  remaining_today: number | null;
  accepted_types: string[];
}
