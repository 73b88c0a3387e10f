/** What the tabs of one browser tell each other: a token was granted, the session is over. */
import type { Grant } from './tokens';

export type TabWord = { say: 'granted'; grant: Grant } | { say: 'ended' };

const channel = new BroadcastChannel('reelwire');

export function tellTabs(word: TabWord): void {
  channel.postMessage(word);
}

/** Calls back with every word of another tab. */
export function hearTabs(hear: (word: TabWord) => void): void {
  channel.onmessage = ({ data }: MessageEvent<TabWord>) => hear(data);
}
