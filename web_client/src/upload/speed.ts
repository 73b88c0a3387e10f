/** How fast an upload is, over the last few seconds. */

const WINDOW_MS = 5_000;

export class Speed {
  #samples: { at: number; bytes: number }[] = [];

  /** `at` in milliseconds of any steady clock, `bytes` sent in all. */
  add(at: number, bytes: number): void {
    this.#samples.push({ at, bytes });
    while ((this.#samples[0]?.at ?? at) < at - WINDOW_MS) this.#samples.shift();
  }

  /** Bytes a second; 0 while there is too little to tell. */
  get bytesPerSecond(): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.at <= first.at) return 0;
    return Math.max(0, ((last.bytes - first.bytes) * 1000) / (last.at - first.at));
  }
}
