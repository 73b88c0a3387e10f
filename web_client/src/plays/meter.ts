/** Measures how long the video on the screen is watched, and tells it once the video was left. */
import type { View, ViewSource } from '../api/types';

/** What is on the screen. */
export interface Shown {
  id: string;
  durationMs: number | null;
  source: ViewSource;
}

/** Of a video: so much of its end may be missing, for a loop is not measured to the millisecond. */
const SLACK = 0.05;
/** Less was not watched; it is what lies between the last moment that was told and the end of the page. */
const LEAST_MS = 100;
const MOST_WATCHED_MS = 86_400_000;
const MOST_REPLAYS = 1_000;

export class Meter {
  #shown: Shown | null = null;
  #watchedMs = 0;
  /** How much of it was told before. */
  #toldMs = 0;
  #since: number | null = null;

  constructor(
    private readonly report: (view: View) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** This is on the screen now, and its pictures move or not. Another video than before: that one was left. */
  see(shown: Shown | null, moving: boolean): void {
    this.#stop();
    if (shown?.id !== this.#shown?.id) {
      this.tell();
      this.#toldMs = 0;
      this.#shown = shown;
    }
    if (shown && moving) this.#since = this.now();
  }

  /** Tells what was watched until now; whatever of the same video comes afterwards is told by itself. */
  tell(): void {
    const moving = this.#since !== null;
    this.#stop();
    if (this.#shown && this.#watchedMs >= LEAST_MS) {
      this.report(viewOf(this.#shown, this.#toldMs, this.#watchedMs));
      this.#toldMs += this.#watchedMs;
    }
    this.#watchedMs = 0;
    if (moving) this.#since = this.now();
  }

  #stop(): void {
    if (this.#since !== null) this.#watchedMs += this.now() - this.#since;
    this.#since = null;
  }
}

/** Rounds that ended since the last time it was told; one may have begun before that. */
function viewOf({ id, durationMs, source }: Shown, toldMs: number, watchedMs: number): View {
  const roundsIn = (ms: number) => (durationMs ? Math.floor(ms / durationMs + SLACK) : 0);
  const before = roundsIn(toldMs);
  const rounds = roundsIn(toldMs + watchedMs) - before;
  return {
    video_id: id,
    watched_ms: Math.min(Math.round(watchedMs), MOST_WATCHED_MS),
    completed: rounds > 0,
    replays: Math.min(Math.max(0, before > 0 ? rounds : rounds - 1), MOST_REPLAYS),
    source,
  };
}
