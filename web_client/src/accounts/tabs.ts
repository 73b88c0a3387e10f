/** What the tabs of one browser tell each other: a token was granted, the session is over, somebody is blocked. */
import type { Grant } from './tokens';

export type TabWord =
  | { say: 'granted'; grant: Grant }
  /** The person is logging out; `not-leaving`: it did not get through. */
  | { say: 'leaving' }
  | { say: 'not-leaving' }
  | { say: 'ended' }
  /** Or no longer: `block` is false. */
  | { say: 'blocked'; userId: string; block: boolean };

const channel = new BroadcastChannel('reelwire');

export function tellTabs(word: TabWord): void {
  channel.postMessage(word);
}

/** Calls back with every word of another tab. */
export function hearTabs(hear: (word: TabWord) => void): void {
  channel.addEventListener('message', ({ data }: MessageEvent<TabWord>) => hear(data));
}
