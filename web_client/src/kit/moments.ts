/** Which came first, a question or a change of ours: an answer to an older question must not undo the change. */

let clock = 0;
const changes = new Map<string, number>();
const listeners = new Set<(id: string) => void>();

/** A number that grows, not a time: to be kept with a question that is about to be asked. */
export function tick(): number {
  return ++clock;
}

/** We have just changed this thing: called when the change is sent, and again when it is answered. */
export function changed(id: string): void {
  changes.set(id, tick());
  listeners.forEach((listener) => listener(id));
}

/** Calls back when we have changed something. */
export function onChanged(listener: (id: string) => void): void {
  listeners.add(listener);
}

/** Has it changed since that tick, so that an answer to a question of then is old? */
export function changedSince(id: string, asked: number): boolean {
  return (changes.get(id) ?? 0) > asked;
}
