/** What this tab knows of an upload, and how that comes to the shelf. */
import { changeUpload, type KeptUpload, keptUpload } from './shelf';

export class Copy {
  /** False where the shelf had no room for it: that it is not there means nothing then. */
  isShelved = true;
  /** The last change on its way to the shelf. */
  written: Promise<void> = Promise.resolve();
  /** What is not on the shelf yet, or had no room there. */
  #unwritten: Partial<KeptUpload> = {};

  constructor(public now: KeptUpload) {}

  keep(change: Partial<KeptUpload>): void {
    this.learn(change);
    const unwritten = (this.#unwritten = { ...this.#unwritten, ...change });
    this.written = changeUpload(this.now.key, unwritten).then(
      () => {
        if (this.#unwritten === unwritten) this.#unwritten = {};
      },
      () => undefined,
    );
  }

  /** Another tab has written this. */
  learn(change: Partial<KeptUpload>): void {
    this.now = { ...this.now, ...change };
  }

  /** With what other tabs have written; undefined when one of them gave it up. */
  async reread(): Promise<KeptUpload | undefined> {
    const kept = await keptUpload(this.now.key).catch(() => this.now);
    if (kept) return { ...kept, ...this.#unwritten };
    return this.isShelved ? undefined : this.now;
  }
}
