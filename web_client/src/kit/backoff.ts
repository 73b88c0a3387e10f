/** Exponential back-off with full jitter, the one used for every retry. */

const FIRST_MS = 500;
export const LONGEST_MS = 30_000;

/**
 * How long to wait before try number `attempt` (from 1): anything between 0.5 s and a ceiling that doubles up to 30 s.
 * The floor keeps a lucky draw from hammering; see "Exponential Backoff And Jitter" (AWS, 2015).
 */
export function pauseMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return FIRST_MS + random() * (ceiling - FIRST_MS);
}

/** Resolves after that many milliseconds. */
export function waited(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
