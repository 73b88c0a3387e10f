/** What a page gets from the service worker when the cache helps, and when it does not. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { asset } from '../../src/worker/assets';

const request = new Request('https://reelwire.example/assets/hls-1.js');
let done: Promise<unknown>[];
let fetched: number;
let put: (request: Request, answer: Response) => Promise<void>;
let match: () => Promise<Response | undefined>;
let open: () => Promise<object>;

beforeEach(() => {
  [done, fetched] = [[], 0];
  put = () => Promise.resolve();
  match = () => Promise.resolve(undefined);
  open = () => Promise.resolve({ put: (r: Request, a: Response) => put(r, a), match });
  vi.stubGlobal('caches', { open: () => open(), match: () => match() });
  vi.stubGlobal('fetch', () => {
    fetched++;
    return Promise.resolve(new Response('script'));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

async function answered(): Promise<string> {
  const waitUntil = (more: Promise<unknown>) => void done.push(more);
  return (await asset({ request, waitUntil }, 'reelwire-1')).text();
}

test('what is kept is not fetched', async () => {
  match = () => Promise.resolve(new Response('kept'));
  expect([await answered(), fetched]).toEqual(['kept', 0]);
});

test('what was fetched is kept, and the page does not wait for that', async () => {
  let kept = '';
  put = async (_, answer) => {
    kept = await answer.text();
    return new Promise(() => undefined);
  };
  expect(await answered()).toBe('script');
  await vi.waitFor(() => expect([kept, done.length]).toEqual(['script', 1]));
});

test('a full cache breaks nothing that did arrive', async () => {
  put = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
  expect(await answered()).toBe('script');
  await Promise.all(done);
});

test('a cache that cannot be opened or read is passed by', async () => {
  match = () => Promise.reject(new Error('unreadable'));
  expect(await answered()).toBe('script');
  open = () => Promise.reject(new Error('blocked'));
  expect(await answered()).toBe('script');
});
