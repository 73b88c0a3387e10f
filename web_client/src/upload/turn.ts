/** One tab at a time sends an upload; the others wait for their turn, and hear meanwhile how far it is. */
import { isSending, type Sending, type Step } from './step';
import { tellTabs } from './tabs';

/** Bytes move all the time; so often is enough to look at. */
const TOLD_EVERY_MS = 500;

export class Turn {
  #ours = false;
  /** The attempt that waits. */
  #waiting: AbortSignal | null = null;
  #told: { name: Step['name']; at: number } | null = null;

  constructor(private readonly key: string) {}

  /** Does this tab wait for another one? */
  get isAwaited(): boolean {
    return this.#waiting?.aborted === false;
  }

  /** Acts while no other tab does. Rejects, as `act` does, once the attempt is given up. */
  async take(attempt: AbortSignal, act: () => Promise<void>): Promise<void> {
    attempt.throwIfAborted();
    if (!('locks' in navigator)) return act();
    this.#waiting = attempt;
    tellTabs({ key: this.key, say: 'asks' });
    const named = `reelwire.upload.${this.key}`;
    try {
      await navigator.locks.request(named, { signal: attempt }, () => this.#act(attempt, act));
    } finally {
      this.#waitsNoMore(attempt);
    }
  }

  /** Tells the others how far it is, if it is this tab that sends. */
  tell(step: Sending): void {
    const now = performance.now();
    const told = this.#told;
    if (told?.name === step.name && now < told.at + TOLD_EVERY_MS) return;
    this.#told = { name: step.name, at: now };
    this.answer(step);
  }

  /** Somebody asked how far it is. */
  answer(step: Step): void {
    if (this.#ours && isSending(step)) tellTabs({ key: this.key, say: 'step', step });
  }

  async #act(attempt: AbortSignal, act: () => Promise<void>): Promise<void> {
    this.#waitsNoMore(attempt);
    this.#ours = true;
    try {
      await act();
    } finally {
      this.#ours = false;
      this.#told = null;
    }
  }

  /** By now there may be another attempt that waits. */
  #waitsNoMore(attempt: AbortSignal): void {
    if (this.#waiting === attempt) this.#waiting = null;
  }
}
