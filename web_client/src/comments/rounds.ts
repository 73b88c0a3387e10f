/**
 * The rounds in which the comments of the video on the screen are told: one has the newest 20, then come the counts. What
 * was left out is seen by them.
 */

/** Fewer in a round, and none was left out. */
const FULL = 20;

export class Rounds {
  #heard = 0;
  #counted: number | null = null;

  /** Another video, or another session. */
  begin(): void {
    this.#heard = 0;
    this.#counted = null;
  }

  heard(): void {
    this.#heard++;
  }

  /** So many are counted now; true when there are more of them than were told. */
  leftOut(counted: number): boolean {
    const before = this.#counted;
    const heard = this.#heard;
    this.#heard = 0;
    this.#counted = counted;
    return before !== null && heard >= FULL && counted - before > heard;
  }
}
