/** The comments of one video: pages from the server, and what we say ourselves at once. */
import { computed, signal } from '@preact/signals';
import { me } from '../accounts/session';
import { call } from '../api/call';
import { refusedForGood, refusedWith } from '../api/problem';
import type { Comment, Page } from '../api/types';
import { onBlockChange } from '../blocks/store';
import { freshKey } from '../kit/keys';
import { changed } from '../kit/moments';
import { tellFailure } from '../kit/toast';
import { undoable } from '../kit/undo';
import { addToCounts } from '../videos/store';
import { words } from '../words/words';

/** `sending` until it is on the server's disk; `failed` when it did not get there. */
export interface ShownComment extends Comment {
  state: 'said' | 'sending' | 'failed';
}

const PAGE = 20;
/** The longest page that the server gives. */
const LONGEST_PAGE = 50;
/** So many pages are read again at most; whoever has read further down finds the rest behind "Show more". */
const MOST_RENEWED = 4;

export class Thread {
  /** All that are here, those as well that are being deleted. */
  readonly comments = signal<readonly ShownComment[]>([]);
  /** Deleted by us; until it is too late to take that back, the server does not know. */
  readonly #leaving = signal<ReadonlySet<string>>(new Set());
  /** What is to be seen. */
  readonly shown = computed(() =>
    this.comments.value.filter(({ id }) => !this.#leaving.value.has(id)),
  );
  readonly state = signal<'new' | 'loading' | 'more' | 'all' | 'failed'>('new');
  readonly failure = signal<unknown>(null);
  #cursor: string | null = null;
  /** Was a first page read? Then no cursor means that there is nothing below. */
  #begun = false;
  /** Questions are asked one after the other: each begins where the last one ended. */
  #turn: Promise<void> = Promise.resolve();
  #renewal: Promise<void> | null = null;

  constructor(readonly videoId: string) {}

  /** It is looked at: the first page, or what is here as it is now. */
  show(): Promise<void> {
    return this.#begun ? this.renew() : this.load();
  }

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
    return this.#inTurn(() => this.#next());
  }

  /**
   * As far down as it is shown, it is read anew: what was said since is there, what is gone or not for us any more is
   * not. What is shown stays when no answer comes.
   */
  renew(): Promise<void> {
    this.#renewal ??= this.#inTurn(() => {
      // Who asks from now on may know more than this question does.
      this.#renewal = null;
      return this.#renew();
    });
    return this.#renewal;
  }

  /** How many are shown, once all of them are here: those that others hide from us, or we from them, are not. */
  get whole(): number | null {
    return this.state.value === 'all'
      ? this.shown.value.filter(({ state }) => state !== 'failed').length
      : null;
  }

  /** How many of those that the server counts are not to be seen any more. */
  get leaving(): number {
    return this.#leaving.value.size;
  }

  #inTurn(ask: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(ask);
    return this.#turn;
  }

  #ask(limit: number, cursor: string | null): Promise<Page<Comment>> {
    const path = { id: this.videoId };
    return call('GET', '/videos/{id}/comments', { path, query: { limit, cursor } });
  }

  async #next(): Promise<void> {
    if (this.#begun && this.#cursor === null) {
      this.state.value = 'all';
      return;
    }
    try {
      const page = await this.#ask(PAGE, this.#cursor);
      this.comments.value = merged(this.comments.value, page.items.map(said));
      this.#readUpTo(page.next_cursor);
    } catch (error) {
      this.failure.value = error;
      this.state.value = 'failed';
    }
  }

  async #renew(): Promise<void> {
    if (!this.#begun) return;
    const before = this.comments.value;
    const deepest = before.filter(({ state }) => state === 'said').at(-1)?.id;
    const limit = Math.min(LONGEST_PAGE, Math.max(PAGE, before.length));
    const newest: ShownComment[] = [];
    let cursor: string | null = null;
    try {
      for (let read = 0; read < MOST_RENEWED; read++) {
        const page: Page<Comment> = await this.#ask(limit, cursor);
        newest.push(...page.items.map(said));
        cursor = page.next_cursor;
        // Ids grow with time.
        if (cursor === null || deepest === undefined || (newest.at(-1)?.id ?? '') <= deepest) break;
      }
    } catch {
      return;
    }
    this.comments.value = reread(before, this.comments.value, newest);
    this.#readUpTo(cursor);
  }

  #readUpTo(cursor: string | null): void {
    this.#cursor = cursor;
    this.#begun = true;
    this.state.value = cursor === null ? 'all' : 'more';
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

  /** Nothing of this author is to be seen any more. */
  forgetAuthor(authorId: string): void {
    this.comments.value = this.comments.value.filter(({ author }) => author.id !== authorId);
  }

  /** Says something: on the screen now, on the server as soon as it answers. What failed is said again with its id as the key. */
  async say(text: string, key: string): Promise<void> {
    const account = me.value;
    if (!account) return;
    const { id, username, display_name, avatar_url } = account;
    const author = { id, username, display_name, avatar_url };
    const mine: ShownComment = {
      id: key,
      video_id: this.videoId,
      author,
      text,
      created_at: new Date().toISOString(),
      state: 'sending',
    };
    this.comments.value = [mine, ...this.comments.value.filter((other) => other.id !== key)];
    this.#count(1);
    try {
      const comment = await call('POST', '/videos/{id}/comments', {
        path: { id: this.videoId },
        body: { text },
        idempotencyKey: key,
      });
      this.#replace(key, said(comment));
      changed(this.videoId);
    } catch (error) {
      const next = refusedForGood(error) ? freshKey() : key;
      this.#replace(key, { ...mine, id: next, state: 'failed' });
      this.#count(-1);
      tellFailure(error);
    }
  }

  /** Takes a comment away, with a way back for a moment; back again when the server refuses. */
  remove(comment: ShownComment): void {
    if (comment.state === 'failed') {
      this.forget(comment.id);
      return;
    }
    this.#leaving.value = new Set(this.#leaving.value).add(comment.id);
    undoable({
      text: words.value.comments.removed,
      undo: words.value.comments.undo,
      takeBack: () => this.#stays(comment.id),
      act: () => this.#remove(comment),
    });
  }

  async #remove(comment: ShownComment): Promise<void> {
    const { id } = comment;
    this.forget(id);
    this.#stays(id);
    this.#count(-1);
    try {
      await call('DELETE', '/comments/{id}', { path: { id }, repeatable: true });
      changed(this.videoId);
    } catch (error) {
      if (refusedWith(error, 'not_found')) return; // somebody else did it
      this.comments.value = withBack(this.comments.value, comment);
      this.#count(1);
      tellFailure(error);
    }
  }

  #stays(id: string): void {
    const { value: leaving } = this.#leaving;
    this.#leaving.value = new Set([...leaving].filter((other) => other !== id));
  }

  /** The server's counts wait for a moment, for they may be from before this, or have it already. */
  #count(comments: 1 | -1): void {
    changed(this.videoId);
    addToCounts(this.videoId, { comments });
  }

  #replace(id: string, by: ShownComment): void {
    const rest = this.comments.value.filter((other) => other.id !== by.id || other.id === id);
    this.comments.value = rest.map((other) => (other.id === id ? by : other));
  }
}

const THREADS_KEPT = 20;
const threads = new Map<string, Thread>();
onBlockChange((userId, block) => {
  if (block) threads.forEach((thread) => thread.forgetAuthor(userId));
});

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

function said(comment: Comment): ShownComment {
  return { ...comment, state: 'said' };
}

/** Adds a page below what is shown, without repeating what we said ourselves meanwhile. */
export function merged(
  shown: readonly ShownComment[],
  page: readonly ShownComment[],
): ShownComment[] {
  const have = new Set(shown.map((comment) => comment.id));
  return [...shown, ...page.filter((comment) => !have.has(comment.id))];
}

/** With one that was away, where it stood: ids grow with time, and the newest is first. */
export function withBack(
  shown: readonly ShownComment[],
  comment: ShownComment,
): readonly ShownComment[] {
  if (shown.some(({ id }) => id === comment.id)) return shown;
  const below = shown.findIndex(({ id, state }) => state === 'said' && id < comment.id);
  const at = below < 0 ? shown.length : below;
  return [...shown.slice(0, at), comment, ...shown.slice(at)];
}

/** With a comment that was heard of; one of ours that is being sent is the same, and its answer brings it. */
export function withHeard(
  shown: readonly ShownComment[],
  comment: Comment,
): readonly ShownComment[] {
  const { id, text, author } = comment;
  const here = shown.some(
    (other) =>
      other.id === id ||
      (other.state === 'sending' && other.author.id === author.id && other.text === text),
  );
  return here ? shown : [said(comment), ...shown];
}

/**
 * As it was read anew, from the newest on: what the answer leaves out is gone. What came and went while it was asked for
 * (from `before` to `shown`) is newer than the answer.
 */
export function reread(
  before: readonly ShownComment[],
  shown: readonly ShownComment[],
  newest: readonly ShownComment[],
): ShownComment[] {
  const asked = idsOf(before);
  const here = idsOf(shown);
  const read = newest.filter(({ id }) => here.has(id) || !asked.has(id));
  const inRead = idsOf(read);
  const kept = shown.filter(
    ({ id, state }) => !inRead.has(id) && (state !== 'said' || !asked.has(id)),
  );
  return [...kept, ...read];
}

function idsOf(comments: readonly ShownComment[]): ReadonlySet<string> {
  return new Set(comments.map((comment) => comment.id));
}
