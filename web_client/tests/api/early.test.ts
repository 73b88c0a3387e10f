/** What was asked before the application was here answers the first who asks the same, and nobody else. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askEarly, call } from '../../src/api/call';
import { dropEarly } from '../../src/api/early';

let asked: string[];

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
});

afterEach(() => {
  vi.runAllTimers();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function serving(status: number, body: object): void {
  vi.stubGlobal('fetch', (address: string) => {
    asked.push(address);
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
}

const latest = (limit: number) => call('GET', '/feed/latest', { query: { limit, cursor: null } });

test('the first who asks the same has that answer, the next one asks anew', async () => {
  serving(200, { items: [] });
  askEarly('/feed/latest', { query: { limit: 10 } });
  expect(await latest(10)).toEqual({ items: [] });
  expect(asked).toEqual(['/api/v1/feed/latest?limit=10']);
  await latest(10);
  expect(asked).toHaveLength(2);
});

test('another question is another one', async () => {
  serving(200, { items: [] });
  askEarly('/feed/latest', { query: { limit: 10 } });
  await latest(5);
  expect(asked).toEqual(['/api/v1/feed/latest?limit=10', '/api/v1/feed/latest?limit=5']);
});

test('what nobody has wanted for long is asked anew', async () => {
  serving(200, { items: [] });
  askEarly('/feed/latest', { query: { limit: 10 } });
  await vi.advanceTimersByTimeAsync(30_000);
  await latest(10);
  expect(asked).toHaveLength(2);
});

test('a refusal is for whoever asks the same', async () => {
  serving(404, { code: 'not_found' });
  askEarly('/videos/{id}', { path: { id: 'a' } });
  await expect(call('GET', '/videos/{id}', { path: { id: 'a' } })).rejects.toThrow();
  expect(asked).toEqual(['/api/v1/videos/a']);
});

test('once something was changed, or somebody else is here, it is asked anew', async () => {
  serving(200, { items: [] });
  askEarly('/feed/latest', { query: { limit: 10 } });
  await call('PUT', '/me/following/{user}', { path: { user: 'a' } });
  await latest(10);
  askEarly('/feed/latest', { query: { limit: 10 } });
  dropEarly();
  await latest(10);
  expect(asked.filter((address) => address.includes('latest'))).toHaveLength(4);
});
