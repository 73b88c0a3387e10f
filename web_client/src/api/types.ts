/** Short names for the shapes of the API, which are generated from its document (schema.ts). */
import type { components } from './schema';

type Shapes = components['schemas'];

export type Author = Shapes['Author'];
export type User = Shapes['User'];
export type Account = Shapes['Account'];
export type Video = Shapes['Video'];
export type Comment = Shapes['Comment'];
export type Source = Shapes['Source'];
export type Notification = Shapes['Notification'];
export type Why = Shapes['Why'];
export type NewReport = Shapes['NewReport'];
export type SuggestionChoice = Shapes['SuggestionChoice'];
export type Stats = Shapes['Stats'];
/** A session of one's own, somewhere. */
export type LogIn = Shapes['Session'];
export type Found = Shapes['Found'];
export type UploadLimits = Shapes['Limits'];
/** How videos played, without whose or which they are. */
export type Beacon = Shapes['Beacon'];
export type Playback = Shapes['Playback'];
/** The refresh token stays in its HttpOnly cookie, whatever the answer holds. */
export type SessionAnswer = Omit<Shapes['SignedIn'], 'refresh_token'>;

export type Visibility = Video['visibility'];
export type VideoStatus = Video['status'];
export type VideoFailure = NonNullable<Video['error']>;

/** How a video was watched, told once it was left. */
export type View = Shapes['Watched'] & { video_id: string };
/** Where one came upon a video. */
export type ViewSource = View['source'];

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
  /** Of a feed: how far ahead to fetch. */
  preload?: Shapes['Preload'];
}
