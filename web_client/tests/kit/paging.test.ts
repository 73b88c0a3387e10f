import { expect, test } from 'vitest';
import type { Page } from '../../src/api/types';
import { Pages } from '../../src/kit/paging';

/** Answers one request after the other, in whatever order the test wants. */
function asked() {
  const requests: {
    cursor: string | null;
    answer: (items: string[], next_cursor: string | null) => Promise<void>;
    refuse: () => Promise<void>;
  }[] = [];
  const pages = new Pages<string>(
    ({ cursor }) =>
      new Promise<Page<string>>((resolve, reject) => {
        requests.push({
          cursor,
          answer: (items, next_cursor) => settled(() => resolve({ items, next_cursor })),
          refuse: () => settled(() => reject(new Error('away'))),
        });
      }),
  );
  return { pages, requests };
}

function settled(act: () => void): Promise<void> {
  act();
  return new Promise((resolve) => setTimeout(resolve));
}

test('pages follow one another, and the last one says so', async () => {
  const { pages, requests } = asked();
  pages.load();
  await requests[0]?.answer(['c', 'b'], '2');
  expect([pages.items.value, pages.state.value]).toEqual([['c', 'b'], 'more']);
  pages.load();
  expect(requests[1]?.cursor).toBe('2');
  await requests[1]?.answer(['a'], null);
  expect([pages.items.value, pages.state.value]).toEqual([['c', 'b', 'a'], 'all']);
});

test('a page that fails can be asked for again', async () => {
  const { pages, requests } = asked();
  pages.load();
  await requests[0]?.answer(['b'], '2');
  pages.load();
  await requests[1]?.refuse();
  expect([pages.items.value, pages.state.value]).toEqual([['b'], 'failed']);
  pages.load();
  await requests[2]?.answer(['a'], null);
  expect(pages.items.value).toEqual(['b', 'a']);
});

test('an answer that something newer was asked after is ignored', async () => {
  const { pages, requests } = asked();
  pages.load();
  await requests[0]?.answer(['b'], '2');
  pages.load();
  pages.again();
  await requests[2]?.answer(['c', 'b'], '3');
  await requests[1]?.answer(['a'], null);
  expect([pages.items.value, pages.state.value]).toEqual([['c', 'b'], 'more']);
});
