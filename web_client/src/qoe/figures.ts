/** What one page tells of its playback: how soon videos began, how they stood still, what was fetched for nothing. */
import type { Beacon, Playback } from '../api/types';

/** What is on the screen, as its player has it. */
export interface Showing {
  id: string;
  /** A frame was painted since it became the current video. */
  moved: boolean;
  /** It shall play: neither stopped nor paused. */
  wanted: boolean;
  /** Pictures move. */
  moving: boolean;
  /** It waits for what the person asked for: another moment. */
  sought: boolean;
  broken: boolean;
  /** Its beginning had been fetched before it became the current one. */
  ahead: boolean;
  /** How often another rendition took over. */
  changes: number;
}

export type Figured = Omit<Beacon, 'client'>;

/** The server takes no more in one beacon, and no larger figures. */
const MOST_PLAYS = 100;
const MOST_STARTUP_MS = 600_000;
const MOST_MS = 86_400_000;
const MOST_TIMES = 10_000;

type Doing = 'moving' | 'stalled' | 'nothing';

/** One video, from when it became the current one. */
class Play {
  #startupMs: number | null = null;
  #broken = false;
  /** That it is broken was said before. */
  #brokenTold: boolean;
  #stalls = 0;
  #doing: Doing = 'nothing';
  #ms = { moving: 0, stalled: 0, nothing: 0 };
  #last: number;
  #changes: { before: number; now: number };

  /** `resumed`: it began before, so that nothing can be said of its start-up. */
  constructor(
    readonly showing: Showing,
    private readonly since: number,
    private resumed: boolean,
  ) {
    this.#last = since;
    this.#brokenTold = resumed && showing.broken;
    this.#changes = { before: resumed ? showing.changes : 0, now: showing.changes };
  }

  /** Is it this that made it move for the first time? */
  see(showing: Showing, now: number): boolean {
    this.pass(now);
    this.#brokenTold &&= showing.broken;
    this.#broken ||= showing.broken && !this.#brokenTold;
    this.#changes.now = showing.changes;
    const begins = showing.moved && !this.resumed && this.#startupMs === null;
    if (begins) this.#startupMs = now - this.since;
    // Stopped, or never allowed to play: what comes later is not the network's doing.
    else if (this.#startupMs === null && !showing.wanted && !showing.broken) this.resumed = true;
    const doing = doingOf(showing);
    if (doing === 'stalled' && this.#doing !== 'stalled') this.#stalls++;
    this.#doing = doing;
    return begins;
  }

  pass(now: number): void {
    this.#ms[this.#doing] += now - this.#last;
    this.#last = now;
  }

  /** What is to be told of it; null where there is nothing. */
  told(): Playback | null {
    if (this.resumed && !this.#broken && this.#ms.moving + this.#ms.stalled === 0) return null;
    return {
      outcome: this.#outcome(),
      startup_ms: this.#startupMs === null ? null : whole(this.#startupMs, MOST_STARTUP_MS),
      ahead: this.showing.ahead,
      stalls: whole(this.#stalls, MOST_TIMES),
      stalled_ms: whole(this.#ms.stalled, MOST_MS),
      watched_ms: whole(this.#ms.moving, MOST_MS),
      rendition_changes: whole(this.#changes.now - this.#changes.before, MOST_TIMES),
    };
  }

  #outcome(): Playback['outcome'] {
    if (this.#broken) return 'broken';
    if (this.resumed) return 'resumed';
    return this.#startupMs === null ? 'left' : 'started';
  }
}

export class Figures {
  #play: Play | null = null;
  #showing: Showing | null = null;
  #plays: Playback[] = [];
  #firstMs: number | null = null;
  #begun = false;
  #preloaded = 0;
  #wasted = 0;

  /** `now` counts from the navigation, as performance.now() does. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** This is on the screen now; called whenever something of it changes. */
  see(showing: Showing | null): void {
    const now = this.now();
    if (showing?.id !== this.#showing?.id) {
      this.#end(now);
      this.#play = showing && new Play(showing, now, false);
    }
    this.#showing = showing;
    if (!showing || !this.#play?.see(showing, now)) return;
    if (!this.#begun) this.#firstMs = now;
    this.#begun = true;
  }

  /** What comes first on this page waits for more than the network: for somebody who reads, or looks elsewhere. */
  notFromTheStart(): void {
    this.#begun = true;
  }

  /** So many bytes of a video were fetched before it was looked at. */
  fetched(bytes: number): void {
    this.#preloaded += bytes;
  }

  /** So many of them turned out not to be watched. */
  wasted(bytes: number): void {
    this.#wasted += bytes;
  }

  /** Is there as much as one beacon takes? */
  get full(): boolean {
    return this.#plays.length >= MOST_PLAYS;
  }

  /** All that was not told yet, the video on the screen up to now; null where there is nothing. */
  take(): Figured | null {
    const now = this.now();
    this.#end(now);
    if (this.#showing) {
      this.#play = new Play(this.#showing, now, true);
      this.#play.see(this.#showing, now);
    }
    if (!this.#plays.length && !this.#preloaded && !this.#wasted) return null;
    const taken = {
      plays: this.#plays.splice(0, MOST_PLAYS),
      first_picture_ms: this.#firstMs === null ? null : whole(this.#firstMs, MOST_STARTUP_MS),
      preloaded_bytes: this.#preloaded,
      wasted_bytes: this.#wasted,
    };
    [this.#firstMs, this.#preloaded, this.#wasted] = [null, 0, 0];
    return taken;
  }

  #end(now: number): void {
    this.#play?.pass(now);
    const told = this.#play?.told();
    if (told) this.#plays.push(told);
    this.#play = null;
  }
}

function doingOf({ moved, moving, wanted, sought, broken }: Showing): Doing {
  if (moving) return 'moving';
  return moved && wanted && !sought && !broken ? 'stalled' : 'nothing';
}

function whole(value: number, most: number): number {
  return Math.min(Math.round(value), most);
}
