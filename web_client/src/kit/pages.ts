/** A list that grows page by page, by a button below it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Page } from '../api/types';

const LIMIT = 30;

/** What to ask a page of a list with. */
export interface PageQuery {
  limit: number;
  cursor: string | null;
}

/** Asks once for each list, whatever stands for it; `fetchPage` asks for its next page. */
export function usePages<Shown>(
  list: unknown,
  fetchPage: (query: PageQuery) => Promise<Page<Shown>>,
) {
  const items = useSignal<readonly Shown[]>([]);
  const cursor = useSignal<string | null>(null);
  const state = useSignal<'loading' | 'more' | 'all' | 'failed'>('loading');
  const failure = useSignal<unknown>(null);
  const ask = (from: string | null) => {
    state.value = 'loading';
    fetchPage({ limit: LIMIT, cursor: from }).then(
      (page) => {
        items.value = from === null ? page.items : [...items.value, ...page.items];
        cursor.value = page.next_cursor;
        state.value = page.next_cursor ? 'more' : 'all';
      },
      (error: unknown) => {
        failure.value = error;
        state.value = 'failed';
      },
    );
  };
  const load = () => {
    ask(cursor.value);
  };
  /** From the first page on; what is shown stays until the answer is here. */
  const again = () => {
    ask(null);
  };
  useEffect(load, [list]); // eslint-disable-line react-hooks/exhaustive-deps -- signals never change identity
  return { items, state, failure, load, again };
}
