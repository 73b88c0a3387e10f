/** A list that grows page by page, by a button below it. */
import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Page } from '../api/types';

const LIMIT = 30;

/** What to ask a page of a list with. */
export interface PageQuery {
  limit: number;
  cursor: string | null;
}

type FetchPage<Shown> = (query: PageQuery) => Promise<Page<Shown>>;

export class Pages<Shown> {
  readonly items = signal<readonly Shown[]>([]);
  readonly state = signal<'loading' | 'more' | 'all' | 'failed'>('loading');
  readonly failure = signal<unknown>(null);
  /** Of the page that is asked for next: after a failure the same once more. */
  #cursor: string | null = null;
  #requests = 0;

  constructor(private readonly fetchPage: FetchPage<Shown>) {}

  /** The next page, at first the first one; the one that failed, if one did. */
  readonly load = () => {
    this.#ask(this.#cursor);
  };

  /** From the first page on; what is shown stays until the answer is here. */
  readonly again = () => {
    this.#ask(null);
  };

  #ask(cursor: string | null): void {
    const request = ++this.#requests;
    this.#cursor = cursor;
    /** The answer to an older request would repeat or undo what a newer one brings. */
    const overtaken = () => request !== this.#requests;
    this.state.value = 'loading';
    this.fetchPage({ limit: LIMIT, cursor }).then(
      (page) => {
        if (overtaken()) return;
        this.items.value = cursor === null ? page.items : [...this.items.value, ...page.items];
        this.#cursor = page.next_cursor;
        this.state.value = page.next_cursor ? 'more' : 'all';
      },
      (error: unknown) => {
        if (overtaken()) return;
        this.failure.value = error;
        this.state.value = 'failed';
      },
    );
  }
}

/** The pages of a list, whatever stands for it; `fetchPage` may differ with the list alone. Another list begins empty, and asks anew. */
export function usePages<Shown>(list: unknown, fetchPage: FetchPage<Shown>): Pages<Shown> {
  // Pages of its own for each list: a late answer of another one goes to those that are shown no more.
  const pages = useMemo(() => new Pages(fetchPage), [list]); // eslint-disable-line react-hooks/exhaustive-deps -- as the list
  useEffect(() => pages.load(), [pages]);
  return pages;
}
