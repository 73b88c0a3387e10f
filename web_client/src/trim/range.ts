/** The part of a clip that is posted, and how its two ends move: never closer than a moment, never further apart than the server takes. */

/** Milliseconds from the beginning of the file. */
export interface TrimRange {
  startMs: number;
  endMs: number;
}

export interface Bounds {
  /** How long the clip is. */
  durationMs: number;
  /** How long what is posted may be. */
  mostMs: number;
}

/** Less is no clip. */
export const SHORTEST_MS = 1_000;

/** All of it, or as much of its beginning as the server takes. */
export function wholeOf({ durationMs, mostMs }: Bounds): TrimRange {
  return { startMs: 0, endMs: Math.min(durationMs, mostMs) };
}

export function isWhole({ startMs, endMs }: TrimRange, durationMs: number): boolean {
  return startMs <= 0 && endMs >= durationMs;
}

export function lengthOf({ startMs, endMs }: TrimRange): number {
  return endMs - startMs;
}

/** The beginning is pulled to `at`; where the part would get too long, its end comes along. */
export function withStart({ endMs }: TrimRange, at: number, bounds: Bounds): TrimRange {
  const startMs = within(at, 0, endMs - shortest(bounds));
  return { startMs, endMs: Math.min(endMs, startMs + bounds.mostMs) };
}

/** The end is pulled to `at`; where the part would get too long, its beginning comes along. */
export function withEnd({ startMs }: TrimRange, at: number, bounds: Bounds): TrimRange {
  const endMs = within(at, startMs + shortest(bounds), bounds.durationMs);
  return { startMs: Math.max(startMs, endMs - bounds.mostMs), endMs };
}

/** The same length, begun at `at`. */
export function movedTo(range: TrimRange, at: number, { durationMs }: Bounds): TrimRange {
  const startMs = within(at, 0, durationMs - lengthOf(range));
  return { startMs, endMs: startMs + lengthOf(range) };
}

/** A clip that is shorter than a moment stays as it is. */
function shortest({ durationMs, mostMs }: Bounds): number {
  return Math.min(SHORTEST_MS, durationMs, mostMs);
}

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, Math.round(value)));
}
