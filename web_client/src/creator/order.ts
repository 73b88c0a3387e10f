/** In which order one's own videos are listed. */
import type { Video } from '../api/types';

export type Order = 'newest' | 'viewed';

/** Who has more sees the newest of these in order, and loads the others by hand. */
export const MOST_SORTED = 600;

/** How far the list has come. */
interface Loaded {
  videos: number;
  state: 'loading' | 'more' | 'all' | 'failed';
}

/** Does the order need another page first? */
export function wantsMore(order: Order, { videos, state }: Loaded): boolean {
  return order === 'viewed' && state === 'more' && videos < MOST_SORTED;
}

/** The videos, which come newest first; by their views only once all are there that count. */
export function ordered(order: Order, videos: readonly Video[], loaded: Loaded): readonly Video[] {
  if (order === 'newest' || (loaded.state !== 'all' && loaded.videos < MOST_SORTED)) return videos;
  return [...videos].sort((one, other) => other.counts.views - one.counts.views);
}
