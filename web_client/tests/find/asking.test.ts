import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askedSoon } from '../../src/find/asking';

/** Longer than nothing is asked after a key. */
const LATER_MS = 1_000;

let heard: string[];
beforeEach(() => {
  vi.useFakeTimers();
  heard = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const hear = (told: string) => heard.push(told);

test('only the last of what is typed quickly is asked for', async () => {
  const asked: string[] = [];
  for (const q of ['c', 'ca', 'cat']) {
    const typeOn = askedSoon(() => Promise.resolve(asked.push(q).toString()), hear);
    if (q !== 'cat') typeOn();
  }
  await vi.advanceTimersByTimeAsync(LATER_MS);
  expect(asked).toEqual(['cat']);
  expect(heard).toEqual(['1']);
});

test('an answer that comes too late is dropped', async () => {
  let answer: (told: string) => void = () => undefined;
  const typeOn = askedSoon(() => new Promise<string>((resolve) => (answer = resolve)), hear);
  await vi.advanceTimersByTimeAsync(LATER_MS);
  typeOn();
  answer('old');
  await vi.advanceTimersByTimeAsync(0);
  expect(heard).toEqual([]);
});
