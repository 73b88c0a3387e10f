/** Which builds the service worker keeps. */

/** What is kept of a build. */
export interface Kept {
  name: string;
  /** It was the one that answers; others were fetched and never got to it. */
  served: boolean;
}

/**
 * The names of what can go once `current` answers, out of all in the order in which they were fetched. The build that
 * answered before stays: pages that are still open ask for more files of it.
 */
export function outdated(kept: readonly Kept[], current: string): string[] {
  const others = kept.filter(({ name }) => name !== current);
  const before = others.findLast(({ served }) => served);
  return others.filter((one) => one !== before).map(({ name }) => name);
}
