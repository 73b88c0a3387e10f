/** Where a video goes that arrives by itself: nothing ever moves under a finger. */

export interface Arrivals {
  /** The feed as it is on the screen. */
  shown: readonly string[];
  /** Behind the pill, newest first. */
  waiting: readonly string[];
}

/** An empty feed shows it at once; otherwise it waits behind the pill. What is there already stays where it is. */
export function arrive(now: Arrivals, id: string): Arrivals {
  if (now.shown.includes(id) || now.waiting.includes(id)) return now;
  if (now.shown.length === 0) return { shown: [id], waiting: now.waiting };
  return { shown: now.shown, waiting: [id, ...now.waiting] };
}
