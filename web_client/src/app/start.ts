/** Whether the application itself has started, which the early script (src/early.ts) has to know. */

let started = false;

/** If so, a prefetch made now would never be claimed. */
export function applicationStarted(): boolean {
  return started;
}

export function markApplicationStarted(): void {
  started = true;
}
