/**
 * Fetches the beginnings of the next videos into the browser's cache, one at a time and as far as the server's plan allows, and keeps
 * account of what that was good for.
 */
import type { Plan } from './plan';

/** A video that comes next. */
export interface Coming {
  id: string;
  url: string;
  /** Its beginning: enough to decode a second. */
  head: number;
}

/** What the network is free for. */
export type Room = 'none' | 'next' | 'all';

/** Fetches the first bytes of an address; tells of each piece that came, and rejects when it is aborted or fails. */
export type FetchHead = (
  url: string,
  bytes: number,
  signal: AbortSignal,
  came: (bytes: number) => void,
) => Promise<void>;

interface Head {
  id: string;
  done: boolean;
  abort: AbortController;
}

export class Ahead {
  /** Called with what was fetched of a video before it was looked at, and with the part of it that was not watched. */
  onFetched: (bytes: number) => void = () => undefined;
  onWasted: (bytes: number) => void = () => undefined;
  /** The beginning of this video is in the cache. */
  onReady: (id: string) => void = () => undefined;

  #coming: readonly Coming[] = [];
  #room: Room = 'none';
  #plan: Plan = { items: 0, bytes: 0 };
  #current: string | null = null;
  #heads = new Map<string, Head>();
  #running: Head | null = null;
  /** Bytes of each video that were fetched before it was looked at, until it is known what they were good for. */
  #ledger = new Map<string, number>();

  constructor(private readonly fetchHead: FetchHead) {}

  /** Sets the current video, the ones after it, and how many may be prefetched now. */
  arrange(current: string | null, coming: readonly Coming[], room: Room, plan: Plan): void {
    [this.#current, this.#coming, this.#room, this.#plan] = [current, coming, room, plan];
    const wanted = new Set(coming.map(({ id }) => id));
    if (this.#running && (room === 'none' || !wanted.has(this.#running.id))) this.#stop();
    for (const id of this.#ledger.keys()) {
      if (!wanted.has(id) && id !== current) this.left(id, 0);
    }
    this.#go();
  }

  /** Is the beginning of this video at hand? */
  ready(id: string): boolean {
    return this.#heads.get(id)?.done ?? false;
  }

  /** Is no prefetch running? */
  get idle(): boolean {
    return this.#running === null;
  }

  /** Records how many bytes a player had buffered when the video became current or was dropped. */
  loaded(id: string, bytes: number): void {
    this.#enter(id, bytes - (this.#ledger.get(id) ?? 0));
  }

  /** So many bytes from its beginning were watched, when it was left. */
  left(id: string, watched: number): void {
    const ahead = this.#ledger.get(id) ?? 0;
    this.#ledger.delete(id);
    if (ahead > watched) this.onWasted(Math.round(ahead - watched));
  }

  #enter(id: string, bytes: number): void {
    if (bytes <= 0) return;
    this.#ledger.set(id, (this.#ledger.get(id) ?? 0) + bytes);
    this.onFetched(Math.round(bytes));
  }

  #go(): void {
    if (this.#running || this.#room === 'none') return;
    const near = this.#coming.slice(0, this.#room === 'next' ? 1 : this.#plan.items);
    let left = this.#plan.bytes;
    for (const one of near) {
      left -= one.head;
      if (left < 0) return;
      if (!this.#heads.has(one.id)) {
        void this.#fetch(one);
        return;
      }
    }
  }

  async #fetch({ id, url, head: bytes }: Coming): Promise<void> {
    const head: Head = { id, done: false, abort: new AbortController() };
    this.#heads.set(id, head);
    this.#running = head;
    const came = (more: number) => {
      if (id !== this.#current) this.#enter(id, more);
    };
    try {
      await this.fetchHead(url, bytes, head.abort.signal, came);
      head.done = true;
    } catch {
      // Aborted: it may be wanted again. Failed: its player meets the same, and knows what to do.
      if (head.abort.signal.aborted) this.#heads.delete(id);
      else head.done = true;
    }
    if (this.#running === head) this.#running = null;
    if (head.done) this.onReady(id);
    this.#go();
  }

  #stop(): void {
    this.#running?.abort.abort();
    this.#running = null;
  }
}

/** By HTTP, of a byte range, behind everything else that is on its way. */
export const fetchHead: FetchHead = async (url, bytes, signal, came) => {
  const headers = { Range: `bytes=0-${bytes - 1}` };
  const answer = await fetch(url, { headers, signal, priority: 'low' });
  const reader = answer.body?.getReader();
  for (;;) {
    const piece = await reader?.read();
    if (!piece || piece.done) return;
    came(piece.value.byteLength);
  }
};

/**
 * Do media elements find in the cache what was fetched by a byte range? Chromium's do; others would load it twice. There the next player
 * loads by itself what it likes.
 */
export function headsAreCached(): boolean {
  return 'userAgentData' in navigator;
}
