/** Whether the application itself has started, which the early script (src/early.ts) has to know. */

let started = false;

/** From then on the application asks by itself, and would not claim what is prefetched. */
export function applicationStarted(): boolean {
  return started;
}

export function markApplicationStarted(): void {
  started = true;
}
