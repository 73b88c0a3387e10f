/** How long something has been going on, pauses left out. */

export class Stopwatch {
  #before = 0;
  #since: number | null = null;

  /** `now`: milliseconds of any steady clock, as everywhere here. */
  start(now: number): void {
    this.#since ??= now;
  }

  pause(now: number): void {
    this.#before = this.elapsed(now);
    this.#since = null;
  }

  elapsed(now: number): number {
    return this.#before + (this.#since === null ? 0 : now - this.#since);
  }
}
