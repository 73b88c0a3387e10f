/** The counts that the server tells of the video on the screen, beside our own changes, which are on the screen first. */
import type { Counts } from '../live/messages';

/** So long after a change of ours what is told may still be from before it. */
const SETTLED_MS = 1_500;

export class LiveCounts {
  #told: Counts | null = null;
  #changedAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly show: (counts: Counts) => void,
    private readonly settledMs = SETTLED_MS,
  ) {}

  /** The server told them: shown now, or once a change of ours has settled. */
  tell(counts: Counts): void {
    if (this.#told && this.#told.video_id !== counts.video_id) this.#changedAt = -Infinity;
    this.#told = counts;
    this.#later();
  }

  /** We changed something ourselves: whatever was told last is right again when that has settled. */
  changed(id: string): void {
    if (this.#told?.video_id !== id) return;
    this.#changedAt = performance.now();
    this.#later();
  }

  /** Nobody tells them any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#told = null;
    this.#changedAt = -Infinity;
  }

  #later(): void {
    clearTimeout(this.#timer);
    const waitMs = this.#changedAt + this.settledMs - performance.now();
    if (waitMs <= 0) this.#now();
    else this.#timer = setTimeout(() => this.#now(), waitMs);
  }

  #now(): void {
    if (this.#told) this.show(this.#told);
  }
}
