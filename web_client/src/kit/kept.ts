/** What this browser keeps for the next visit. Where storage is blocked, or there is none (in tests), nothing is kept. */

const PREFIX = 'reelwire.';

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Keeps `value`; null removes it. */
export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Blocked or full: what was chosen holds until the page is left.
  }
}
