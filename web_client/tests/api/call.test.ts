/** What is asked once more by itself, and when. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { call } from '../../src/api/call';

interface Refusal {
  status: number;
  retryAfter?: string;
}

let [asked, refusals]: [number[], Refusal[]] = [[], []];

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  // The longest pauses: a second before the second try, two before the third.
  vi.spyOn(Math, 'random').mockReturnValue(1);
  [asked, refusals] = [[], []];
  vi.stubGlobal('fetch', () => {
    asked.push(Date.now());
    const refusal = refusals.shift();
    if (!refusal) return Promise.resolve(new Response('{"items":[]}'));
    const headers = new Headers();
    if (refusal.retryAfter !== undefined) headers.set('Retry-After', refusal.retryAfter);
    return Promise.resolve(new Response('{}', { status: refusal.status, headers }));
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function askedAt(...refused: Refusal[]): Promise<{ at: number[]; status: number }> {
  refusals = refused;
  const answer = call('GET', '/feed/latest', { query: { limit: 1 } }).then(
    () => 200,
    (error: unknown) => (error as { status: number }).status,
  );
  await vi.runAllTimersAsync();
  return { at: asked, status: await answer };
}

test('a server that is away for a moment is asked three times', async () => {
  const away = { status: 503 };
  expect(await askedAt(away, away)).toEqual({ at: [0, 1_000, 3_000], status: 200 });
  asked = [];
  expect((await askedAt(away, away, away)).status).toBe(503);
});

test('it is not asked again before the time that it names', async () => {
  const busy = { status: 503, retryAfter: '2' };
  expect(await askedAt(busy)).toEqual({ at: [0, 3_000], status: 200 });
});

test('who asks too often asks again when it is time', async () => {
  const often = { status: 429, retryAfter: '1' };
  expect(await askedAt(often)).toEqual({ at: [0, 2_000], status: 200 });
});

test('a quota that lasts for long is told at once', async () => {
  const spent = { status: 429, retryAfter: '3600' };
  expect(await askedAt(spent)).toEqual({ at: [0], status: 429 });
});

test('what may have been done already is not asked again', async () => {
  refusals = [{ status: 503, retryAfter: '1' }];
  const answer = call('POST', '/live/tickets').catch(() => 'refused');
  await vi.runAllTimersAsync();
  expect([await answer, asked.length]).toEqual(['refused', 1]);
});
