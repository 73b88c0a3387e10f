/** A list of videos, newest first, that grows page by page: a feed, a profile's grid. */
import { signal } from '@preact/signals';
import type { Page, Video } from '../api/types';
import { moment } from '../kit/moments';
import { keepPlan } from '../playback/plan';
import { goneSince, keepVideo, knownVideo } from './store';

export type ListState = 'new' | 'loading' | 'ready' | 'failed';
export type FetchPage = (cursor: string | null) => Promise<Page<Video>>;

export class VideoList {
  readonly ids = signal<readonly string[]>([]);
  readonly state = signal<ListState>('new');
  readonly failure = signal<unknown>(null);
  /** The video that was looked at last, so that coming back shows it again. */
  readonly current = signal<string | null>(null);

  /** The person went on below the last one. */
  readonly ended = signal(false);

  /** Is there a page below what is shown? */
  readonly hasMore = signal(false);

  #cursor: string | null = null;
  #loading: Promise<void> | null = null;
  /** Taken out, and not put back: no answer brings them. */
  readonly #takenOut = new Set<string>();

  constructor(private readonly fetchPage: FetchPage) {}

  /** The first page, unless it is there already. */
  load(): Promise<void> {
    return this.state.value === 'new' || this.state.value === 'failed'
      ? this.reload()
      : Promise.resolve();
  }

  /** Begins anew: after a gap, or when the person asks. What is on the screen stays until the answer is here. */
  reload(): Promise<void> {
    return this.#exclusively(null, (items) => {
      this.ids.value = items;
      this.show(items[0] ?? null);
    });
  }

  /** The next page, if there is one. */
  more(): Promise<void> {
    if (!this.hasMore.value || this.state.value !== 'ready') return Promise.resolve();
    return this.#exclusively(this.#cursor, (items) => {
      const have = new Set(this.ids.value);
      this.ids.value = [...this.ids.value, ...items.filter((id) => !have.has(id))];
    });
  }

  /** The ids of the first page as it is now; what is shown stays. */
  async newest(): Promise<string[]> {
    return (await this.#ask(null)).ids;
  }

  /** Brings this one on the screen. */
  show(id: string | null): void {
    this.current.value = id;
    this.ended.value = false;
  }

  has(id: string): boolean {
    return this.ids.value.includes(id);
  }

  /** Puts videos first, in this order; those that are listed already move up. */
  prepend(ids: readonly string[]): void {
    this.ids.value = [...ids, ...this.ids.value.filter((id) => !ids.includes(id))];
  }

  remove(id: string): void {
    if (!this.has(id)) return;
    const at = this.ids.value.indexOf(id);
    this.ids.value = this.ids.value.filter((other) => other !== id);
    if (this.current.value === id)
      this.current.value = this.ids.value[Math.min(at, this.ids.value.length - 1)] ?? null;
  }

  /** Takes a video out; the answer puts it back where it was, on the screen, unless it is gone by then. */
  takeOut(id: string): () => void {
    const at = this.ids.value.indexOf(id);
    if (at < 0) return () => undefined;
    const asked = moment();
    this.#takenOut.add(id);
    this.remove(id);
    return () => {
      this.#takenOut.delete(id);
      const video = knownVideo(id)?.peek();
      if (this.has(id) || !video || goneSince(video, asked)) return;
      const { value: ids } = this.ids;
      this.ids.value = [...ids.slice(0, at), id, ...ids.slice(at)];
      this.show(id);
    };
  }

  #exclusively(cursor: string | null, take: (ids: readonly string[]) => void): Promise<void> {
    this.#loading ??= this.#fetch(cursor, take).finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #fetch(cursor: string | null, take: (ids: readonly string[]) => void): Promise<void> {
    this.state.value = 'loading';
    try {
      const { ids, next_cursor } = await this.#ask(cursor);
      this.#cursor = next_cursor;
      this.hasMore.value = next_cursor !== null;
      take(ids);
      this.state.value = 'ready';
    } catch (error) {
      this.failure.value = error;
      // A list that shows something keeps it; only an empty one has failed.
      this.state.value = this.ids.value.length > 0 ? 'ready' : 'failed';
    }
  }

  /** A page without what was gone while the answer was on its way, and without what was taken out. */
  async #ask(cursor: string | null): Promise<{ ids: string[]; next_cursor: string | null }> {
    const asked = moment();
    const { items, next_cursor, preload } = await this.fetchPage(cursor);
    keepPlan(preload);
    const there = items.filter(
      (video) => !goneSince(video, asked) && !this.#takenOut.has(video.id),
    );
    return { ids: there.map((video) => keepVideo(video, asked).value.id), next_cursor };
  }
}
