/** Notices that an upload moves no byte, and begins it again after growing pauses, until the tries are used up. */
import { pauseMs } from '../kit/backoff';

/** Times that something is tried again: a request that failed, or an upload that stalled. */
export const TRIES = 8;
/** Longer than the server lets an upload wait for its turn to write (QUEUE_SECONDS, server/uploads/gate.py). */
export const STALLED_AFTER_MS = 45_000;

export interface StallActions {
  abort: () => void;
  /** Goes on from the server's offset. */
  start: () => void;
  giveUp: () => void;
}

export class Stalls {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #count = 0;
  #furthest = 0;
  #over = false;

  constructor(private readonly actions: StallActions) {}

  /** A request begins, or an answer came: from now on something has to happen. */
  watch(): void {
    this.rest();
    if (!this.#over) this.#timer = setTimeout(() => this.#stalled(), STALLED_AFTER_MS);
  }

  /** So many bytes are on their way. Only those that were not before make good for earlier stalls. */
  moved(sent: number): void {
    if (sent > this.#furthest) {
      this.#furthest = sent;
      this.#count = 0;
    }
    this.watch();
  }

  /** Nothing is expected to happen for now. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.#over = true;
    this.rest();
  }

  #stalled(): void {
    this.actions.abort();
    if (++this.#count > TRIES) {
      this.end();
      this.actions.giveUp();
    } else {
      this.#timer = setTimeout(() => this.actions.start(), pauseMs(this.#count));
    }
  }
}
