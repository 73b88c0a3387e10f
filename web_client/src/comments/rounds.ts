/** Live comments arrive in batches of at most 20, each followed by counts; this detects batches that omitted some. */

/** Batch size; a smaller batch is complete. */
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
