/** A list of videos in the server's order, that grows page by page: a feed, a profile's grid. */
import { computed, signal } from '@preact/signals';
import type { Page, Video } from '../api/types';
import { tick } from '../kit/moments';
import { tellFailure } from '../kit/toast';
import { keepPlan } from '../playback/plan';
import { goneSince, keepVideo, knownVideo } from './store';

export type ListState = 'new' | 'loading' | 'ready' | 'failed';
export type FetchPage = (cursor: string | null) => Promise<Page<Video>>;

export class VideoList {
  readonly ids = signal<readonly string[]>([]);
  readonly state = signal<ListState>('new');
  /** Why the newest request failed; null from the next success on. */
  readonly failure = signal<unknown>(null);
  /** The same of the next page alone, where the list goes on. */
  readonly moreFailure = signal<unknown>(null);
  /** The video that was looked at last, so that coming back shows it again. */
  readonly current = signal<string | null>(null);

  /** The person went on below the last one. */
  readonly ended = signal(false);

  /** Is there a page below what is shown? */
  readonly hasMore = signal(false);

  /** Is that page neither on its way, nor has it failed, so that whoever nears the end should ask for it? */
  readonly awaitsMore = computed(
    () => this.state.value === 'ready' && this.hasMore.value && this.moreFailure.value === null,
  );

  #cursor: string | null = null;
  /** The request whose answer counts: those of older ones are ignored. */
  #newest: Promise<boolean> = Promise.resolve(true);
  /** When each was put first, since the list last began anew. */
  readonly #prepended = new Map<string, number>();
  /** Taken out, and not put back: no answer brings them. */
  readonly #takenOut = new Set<string>();

  constructor(private readonly fetchPage: FetchPage) {}

  /** The first page, unless it is there already. */
  async load(): Promise<void> {
    if (this.state.value === 'new' || this.state.value === 'failed') await this.reload();
  }

  /**
   * Begins anew: after a gap, or when the person asks. What is on the screen stays until the answer is here. It takes
   * the place of whatever is loading, which may have been asked before the reason to begin anew. What was put first
   * meanwhile stays first, for the answer may be older. The first video of all is shown, unless the current one `stays`
   * and is still listed. False if it fails.
   */
  reload(stays = () => false): Promise<boolean> {
    const asked = tick();
    return this.#fetch(null, (items) => {
      // Those that are gone, or were taken out, are not among the ids any more.
      const since = this.ids.value.filter(
        (id) => (this.#prepended.get(id) ?? 0) > asked && !items.includes(id),
      );
      this.#prepended.clear();
      this.ids.value = [...since, ...items];
      const current = this.current.value;
      const kept = current !== null && this.has(current) && stays();
      this.show(kept ? current : (this.ids.value[0] ?? null));
    });
  }

  /**
   * The next page, if there is one and nothing is loading. Nobody waits for a page that is asked for `ahead`: its
   * failure is not told, only kept in `moreFailure`.
   */
  async more({ ahead = false } = {}): Promise<void> {
    if (!this.hasMore.value || this.state.value !== 'ready') return;
    await this.#fetch(
      this.#cursor,
      (items) => {
        const added = items.filter((id) => !this.has(id));
        this.ids.value = [...this.ids.value, ...added];
        // Whoever went on below the last one, where the failure stood, wants the one that takes its place.
        if (this.ended.value && added[0]) this.show(added[0]);
      },
      ahead,
    );
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
    ids.forEach((id) => this.#prepended.set(id, tick()));
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
    const asked = tick();
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

  #fetch(
    cursor: string | null,
    take: (ids: readonly string[]) => void,
    quiet = false,
  ): Promise<boolean> {
    this.state.value = 'loading';
    const request: Promise<boolean> = this.#ask(cursor).then(
      ({ ids, next_cursor }) => {
        if (this.#newest !== request) return this.#newest;
        this.#cursor = next_cursor;
        this.hasMore.value = next_cursor !== null;
        this.failure.value = this.moreFailure.value = null;
        take(ids);
        this.state.value = 'ready';
        return true;
      },
      (error: unknown) => {
        if (this.#newest !== request) return this.#newest;
        // A list that shows something keeps it; only an empty one has failed, and says so in its place.
        const shows = this.ids.value.length > 0;
        this.failure.value = error;
        if (cursor !== null) this.moreFailure.value = error;
        this.state.value = shows ? 'ready' : 'failed';
        if (shows && !quiet) tellFailure(error);
        return false;
      },
    );
    this.#newest = request;
    return request;
  }

  /** A page without what was gone while the answer was on its way, and without what was taken out. */
  async #ask(cursor: string | null): Promise<{ ids: string[]; next_cursor: string | null }> {
    const asked = tick();
    const { items, next_cursor, preload } = await this.fetchPage(cursor);
    keepPlan(preload);
    const there = items.filter(
      (video) => !goneSince(video, asked) && !this.#takenOut.has(video.id),
    );
    return { ids: there.map((video) => keepVideo(video, asked).value.id), next_cursor };
  }
}
