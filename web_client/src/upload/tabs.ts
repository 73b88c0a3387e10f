/** What the tabs of one browser tell each other of an upload: one of them sends it, all of them show it. */
import type { Sending } from './step';

export type UploadWord = { key: string } & Said;

export type Said =
  | { say: 'step'; step: Sending }
  /** Somebody waits for the other to be done, and wants to know how far it is. */
  | { say: 'asks' }
  /** The person wants it to wait; so many bytes had arrived as far as that tab knew. */
  | { say: 'held'; sent: number }
  | { say: 'resumed' }
  | { say: 'cancelled' }
  /** All of it: the server makes this video of it. */
  | { say: 'arrived'; videoId: string };

/** Without one every tab is on its own, and learns from the shelf what the others did. */
const channel =
  typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('reelwire.uploads');

export function tellTabs(word: UploadWord): void {
  channel?.postMessage(word);
}

/** Calls back with every word of another tab. */
export function hearTabs(hear: (word: UploadWord) => void): void {
  channel?.addEventListener('message', ({ data }: MessageEvent<UploadWord>) => hear(data));
}
