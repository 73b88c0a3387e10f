import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { UploadWord } from '../../src/upload/tabs';
import { Turn } from '../../src/upload/turn';
import { locks } from './browser';

const told = vi.hoisted(() => [] as UploadWord[]);

vi.mock('../../src/upload/tabs', () => ({ tellTabs: (word: UploadWord) => told.push(word) }));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('navigator', { locks: locks() });
  told.length = 0;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const never = new AbortController().signal;
const sending = (sent: number) => ({ name: 'sending', sent, bytesPerSecond: 0 }) as const;

test('bytes are told now and then, another step at once', async () => {
  const turn = new Turn('1');
  await turn.take(never, () => {
    for (let sent = 0; sent < 100; sent++) {
      turn.tell(sending(sent));
      vi.advanceTimersByTime(10);
    }
    turn.tell({ name: 'waiting' });
    return Promise.resolve();
  });
  expect(told).toEqual([
    { key: '1', say: 'asks' },
    { key: '1', say: 'step', step: sending(0) },
    { key: '1', say: 'step', step: sending(50) },
    { key: '1', say: 'step', step: { name: 'waiting' } },
  ]);
});

test('whoever does not send has nothing to tell', async () => {
  const [first, second] = [new Turn('1'), new Turn('1')];
  let over: () => void = () => undefined;
  const acting = first.take(never, () => new Promise((resolve) => (over = resolve)));
  const gaveUp = new AbortController();
  const waiting = second.take(gaveUp.signal, () => Promise.resolve()).catch(() => undefined);
  await vi.advanceTimersByTimeAsync(0);
  expect([first.isAwaited, second.isAwaited]).toEqual([false, true]);
  told.length = 0;
  second.tell(sending(1));
  second.answer(sending(1));
  expect(told).toEqual([]);
  first.answer({ name: 'processing', progress: 0 });
  expect(told).toEqual([]);
  first.answer(sending(2));
  expect(told).toHaveLength(1);
  gaveUp.abort();
  expect(second.isAwaited).toBe(false);
  over();
  await Promise.all([acting, waiting]);
});
