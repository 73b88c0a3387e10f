/** The videos whose comments and counts we want to hear: said to each session anew, for a session forgets with its end. */
import { pauseMs } from '../kit/backoff';

interface Command {
  type: 'watch' | 'unwatch';
  video_id: string;
}

/** Refusals that pass. */
const LATER: ReadonlySet<string> = new Set(['unavailable']);

export class Watches {
  /** Each with how often it was refused in a row. */
  readonly #wanted = new Map<string, number>();
  /** Commands without an answer yet, by their number. */
  readonly #asked = new Map<number, string>();
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  #open = false;

  /**
   * `send` gives the number under which the answer comes; `begun` hears of each video that is watched from now on, `lost`
   * of each that is not there, or not for us any more.
   */
  constructor(
    private readonly send: (command: Command) => number,
    private readonly begun: (videoId: string) => void,
    private readonly lost: (videoId: string) => void,
  ) {}

  add(videoId: string): void {
    if (this.#wanted.has(videoId)) return;
    this.#wanted.set(videoId, 0);
    if (this.#open) this.#ask(videoId);
  }

  remove(videoId: string): void {
    if (this.#wanted.delete(videoId) && this.#open)
      this.send({ type: 'unwatch', video_id: videoId });
  }

  /** The video is gone, and the server watches it no more either. */
  gone(videoId: string): void {
    this.#wanted.delete(videoId);
  }

  /** A session is open. */
  again(): void {
    this.#open = true;
    for (const videoId of this.#wanted.keys()) this.#ask(videoId);
  }

  /** There is no session any more. */
  broken(): void {
    this.#open = false;
    this.#asked.clear();
    this.#retries.forEach(clearTimeout);
    this.#retries.clear();
  }

  done(id: number): void {
    const videoId = this.#asked.get(id);
    this.#asked.delete(id);
    if (videoId === undefined || !this.#wanted.has(videoId)) return;
    this.#wanted.set(videoId, 0);
    this.begun(videoId);
  }

  /** What passes is asked again; a video that is not to be watched is let go. */
  refused(id: number | null, code: string): void {
    const videoId = id === null ? undefined : this.#asked.get(id);
    if (id === null || videoId === undefined) return;
    this.#asked.delete(id);
    const refusals = this.#wanted.get(videoId);
    if (refusals === undefined) return;
    if (!LATER.has(code)) {
      this.#wanted.delete(videoId);
      if (code === 'not_found') this.lost(videoId);
      return;
    }
    this.#wanted.set(videoId, refusals + 1);
    const retry = setTimeout(
      () => {
        this.#retries.delete(retry);
        if (this.#wanted.has(videoId)) this.#ask(videoId);
      },
      pauseMs(refusals + 1),
    );
    this.#retries.add(retry);
  }

  #ask(videoId: string): void {
    this.#asked.set(this.send({ type: 'watch', video_id: videoId }), videoId);
  }
}
