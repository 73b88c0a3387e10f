/** The comments of one video: pages from the server, and what we say ourselves at once. */
import { signal } from '@preact/signals';
import { me } from '../accounts/session';
import { call } from '../api/call';
import { refusedForGood } from '../api/problem';
import type { Comment, Page } from '../api/types';
import { onBlockChange } from '../blocks/store';
import { freshKey } from '../kit/keys';
import { changed } from '../kit/moments';
import { tellFailure } from '../kit/toast';
import { addToCounts } from '../videos/store';

/** `sending` until it is on the server's disk; `failed` when it did not get there. */
export interface Said extends Comment {
  state: 'said' | 'sending' | 'failed';
}

const PAGE = 20;

export class Thread {
  readonly comments = signal<readonly Said[]>([]);
  readonly state = signal<'new' | 'loading' | 'more' | 'all' | 'failed'>('new');
  readonly failure = signal<unknown>(null);
  #cursor: string | null = null;
  #loading: Promise<void> = Promise.resolve();

  constructor(readonly videoId: string) {}

  /** The first page, unless it is here. */
  load(): Promise<void> {
    return this.state.value === 'new' || this.state.value === 'failed'
      ? this.more()
      : Promise.resolve();
  }

  /** The next page. */
  more(): Promise<void> {
    if (this.state.value === 'loading' || this.state.value === 'all') return Promise.resolve();
    this.state.value = 'loading';
    this.#loading = this.#next();
    return this.#loading;
  }

  async #next(): Promise<void> {
    try {
      const page = await call<Page<Comment>>('GET', `/videos/${this.videoId}/comments`, {
        query: { limit: PAGE, cursor: this.#cursor },
      });
      this.#cursor = page.next_cursor;
      this.comments.value = merged(this.comments.value, page.items.map(said));
      this.state.value = page.next_cursor ? 'more' : 'all';
    } catch (error) {
      this.failure.value = error;
      this.state.value = 'failed';
    }
  }

  /** What was said since it was loaded, and gone since; what is shown stays when the answer does not come. */
  async renew(): Promise<void> {
    await this.#loading;
    if (this.state.value !== 'more' && this.state.value !== 'all') return;
    const before = this.comments.value;
    const path = `/videos/${this.videoId}/comments`;
    const query = { limit: PAGE, cursor: null };
    const page = await call<Page<Comment>>('GET', path, { query }).catch(() => null);
    if (!page) return;
    const newest = { items: page.items.map(said), whole: page.next_cursor === null };
    this.comments.value = renewed(before, this.comments.value, newest);
  }

  /** Somebody said something just now. What we say ourselves is here already, or will be with the answer. */
  hear(comment: Comment): void {
    if (this.state.value === 'new') return;
    this.comments.value = withHeard(this.comments.value, comment);
  }

  /** A comment is gone. */
  forget(id: string): void {
    this.comments.value = this.comments.value.filter((comment) => comment.id !== id);
  }

  /** Says something: on the screen now, on the server as soon as it answers. What failed is said again with its id as the key. */
  async say(text: string, key: string): Promise<void> {
    const account = me.value;
    if (!account) return;
    const { id, username, display_name, avatar_url } = account;
    const author = { id, username, display_name, avatar_url };
    const mine: Said = {
      id: key,
      video_id: this.videoId,
      author,
      text,
      created_at: new Date().toISOString(),
      state: 'sending',
    };
    this.comments.value = [mine, ...this.comments.value.filter((other) => other.id !== key)];
    try {
      const comment = await call<Comment>('POST', `/videos/${this.videoId}/comments`, {
        body: { text },
        idempotencyKey: key,
      });
      this.#replace(key, said(comment));
      changed(this.videoId);
      addToCounts(this.videoId, { comments: 1 });
    } catch (error) {
      const next = refusedForGood(error) ? freshKey() : key;
      this.#replace(key, { ...mine, id: next, state: 'failed' });
      tellFailure(error);
    }
  }

  /** Takes a comment away; back again when the server refuses. */
  async remove(comment: Said): Promise<void> {
    const before = this.comments.value;
    this.comments.value = before.filter((other) => other !== comment);
    if (comment.state === 'failed') return;
    try {
      await call('DELETE', `/comments/${comment.id}`);
      changed(this.videoId);
      addToCounts(this.videoId, { comments: -1 });
    } catch (error) {
      this.comments.value = before;
      tellFailure(error);
    }
  }

  #replace(id: string, by: Said): void {
    const rest = this.comments.value.filter((other) => other.id !== by.id || other.id === id);
    this.comments.value = rest.map((other) => (other.id === id ? by : other));
  }
}

const THREADS_KEPT = 20;
const threads = new Map<string, Thread>();
onBlockChange(() => threads.clear());

/** The thread of a video, if somebody has looked at it. */
export function knownThread(videoId: string): Thread | undefined {
  return threads.get(videoId);
}

/** The thread of a video; the last twenty are kept. */
export function threadOf(videoId: string): Thread {
  const thread = threads.get(videoId) ?? new Thread(videoId);
  threads.delete(videoId);
  threads.set(videoId, thread);
  const [oldest] = threads.keys();
  if (threads.size > THREADS_KEPT && oldest) threads.delete(oldest);
  return thread;
}

function said(comment: Comment): Said {
  return { ...comment, state: 'said' };
}

/** Adds a page below what is shown, without repeating what we said ourselves meanwhile. */
export function merged(shown: readonly Said[], page: readonly Said[]): Said[] {
  const have = new Set(shown.map((comment) => comment.id));
  return [...shown, ...page.filter((comment) => !have.has(comment.id))];
}

/** With a comment that was heard of; one of ours that is being sent is the same, and its answer brings it. */
export function withHeard(shown: readonly Said[], comment: Comment): readonly Said[] {
  const { id, text, author } = comment;
  const here = shown.some(
    (other) =>
      other.id === id ||
      (other.state === 'sending' && other.author.id === author.id && other.text === text),
  );
  return here ? shown : [said(comment), ...shown];
}

/**
 * With the newest page as it is now: what it leaves out is gone, and what lies below it stays (ids grow with time). What
 * came and went while it was asked for (from `before` to `shown`) is newer than the answer.
 */
export function renewed(
  before: readonly Said[],
  shown: readonly Said[],
  newest: { items: readonly Said[]; whole: boolean },
): Said[] {
  const asked = idsOf(before);
  const here = idsOf(shown);
  const page = newest.items.filter(({ id }) => here.has(id) || !asked.has(id));
  const inPage = idsOf(page);
  const last = newest.items.at(-1)?.id;
  const kept = shown.filter(
    ({ id, state }) => !inPage.has(id) && (state !== 'said' || !asked.has(id)),
  );
  const below = newest.whole
    ? []
    : shown.filter(({ id, state }) => state === 'said' && last !== undefined && id < last);
  return [...kept, ...page, ...below];
}

function idsOf(comments: readonly Said[]): ReadonlySet<string> {
  return new Set(comments.map((comment) => comment.id));
}
