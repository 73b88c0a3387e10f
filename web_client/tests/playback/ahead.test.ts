/** What is fetched before it is looked at, in which order, and what it was good for. */
import { beforeEach, expect, test } from 'vitest';
import { Ahead, type Coming } from '../../src/playback/ahead';

interface Asked {
  url: string;
  bytes: number;
  came: (bytes: number) => void;
  end: () => void;
  fail: () => void;
  aborted: boolean;
}

const PLAN = { items: 3, bytes: 1_000 };

let asked: Asked[];
let ahead: Ahead;
let [fetched, wasted] = [0, 0];
let ready: string[];

beforeEach(() => {
  asked = [];
  [fetched, wasted, ready] = [0, 0, []];
  ahead = new Ahead(
    (url, bytes, signal, came) =>
      new Promise((end, fail) => {
        const one: Asked = {
          url,
          bytes,
          came,
          end,
          fail: () => fail(new Error('cut')),
          aborted: false,
        };
        asked.push(one);
        signal.addEventListener('abort', () => {
          one.aborted = true;
          fail(new Error('aborted'));
        });
      }),
  );
  ahead.onFetched = (bytes) => (fetched += bytes);
  ahead.onWasted = (bytes) => (wasted += bytes);
  ahead.onReady = (id) => ready.push(id);
});

const coming = (...ids: string[]): Coming[] => ids.map((id) => ({ id, url: `/${id}`, head: 300 }));

/** The newest request brings so many bytes, and ends. */
async function came(bytes: number): Promise<void> {
  asked.at(-1)?.came(bytes);
  asked.at(-1)?.end();
  await Promise.resolve();
  await Promise.resolve();
}

test('one after the other, the nearest first, and no more than there is room for', async () => {
  ahead.arrange('a', coming('b', 'c', 'd'), 'none', PLAN);
  expect(asked).toEqual([]);
  ahead.arrange('a', coming('b', 'c', 'd'), 'next', PLAN);
  expect(asked.map(({ url, bytes }) => [url, bytes])).toEqual([['/b', 300]]);
  await came(300);
  expect([asked.length, ready, ahead.idle]).toEqual([1, ['b'], true]);
  ahead.arrange('a', coming('b', 'c', 'd'), 'all', PLAN);
  await came(300);
  await came(300);
  expect(asked.map(({ url }) => url)).toEqual(['/b', '/c', '/d']);
  expect([ready, fetched, wasted]).toEqual([['b', 'c', 'd'], 900, 0]);
});

test('the plan bounds how many, and how many bytes in all', async () => {
  ahead.arrange('a', coming('b', 'c', 'd'), 'all', { items: 2, bytes: 1_000 });
  await came(300);
  await came(300);
  expect(asked).toHaveLength(2);
  ahead.arrange('a', coming('b', 'c', 'd'), 'all', { items: 3, bytes: 899 });
  expect(asked).toHaveLength(2);
});

test('what is watched was not wasted; what was fetched beyond that, or is passed by, was', async () => {
  ahead.arrange('a', coming('b', 'c'), 'all', PLAN);
  await came(300);
  await came(300);
  ahead.arrange('b', coming('c'), 'all', PLAN);
  ahead.loaded('b', 500);
  expect(fetched).toBe(800);
  ahead.left('b', 400);
  expect(wasted).toBe(100);
  ahead.arrange('d', [], 'all', PLAN);
  expect(wasted).toBe(400);
  ahead.left('d', 50);
  expect([fetched, wasted]).toEqual([800, 400]);
});

test('who swipes on ends what is no longer ahead; it may be fetched again', async () => {
  ahead.arrange('a', coming('b', 'c'), 'all', PLAN);
  asked[0]?.came(120);
  ahead.arrange('c', coming('d'), 'all', PLAN);
  expect([asked[0]?.aborted, asked[1]?.url, wasted]).toEqual([true, '/d', 120]);
  await came(300);
  ahead.arrange('a', coming('b'), 'all', PLAN);
  await Promise.resolve();
  expect(asked.at(-1)?.url).toBe('/b');
});

test('a hidden page fetches nothing more', async () => {
  ahead.arrange('a', coming('b', 'c'), 'all', PLAN);
  ahead.arrange('a', coming('b', 'c'), 'none', PLAN);
  await Promise.resolve();
  expect([asked[0]?.aborted, asked.length]).toEqual([true, 1]);
});

test('what cannot be fetched is left to its player, and the next one is tried', async () => {
  ahead.arrange('a', coming('b', 'c'), 'all', PLAN);
  asked[0]?.fail();
  await new Promise((done) => setTimeout(done));
  expect([ready, asked[1]?.url]).toEqual([['b'], '/c']);
});
