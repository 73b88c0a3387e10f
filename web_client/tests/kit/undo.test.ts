import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settled, undoable } from '../../src/kit/undo';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const LIMIT_MS = 5_000;

/** Something that can be taken back, and the server's answer to it. */
function gone(text: string) {
  let answered: () => void = () => undefined;
  const act = vi.fn(() => new Promise<void>((resolve) => (answered = resolve)));
  undoable({ text, undo: 'Undo', takeBack: () => undefined, act });
  return { act, answer: () => answered() };
}

test('what could be taken back is done, and its answer waited for', async () => {
  const { act, answer } = gone('one');
  const over = vi.fn();
  const end = settled(LIMIT_MS).then(over);
  expect(act).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(LIMIT_MS - 1);
  expect(over).not.toHaveBeenCalled();
  answer();
  await end;
});

test('what was sent a moment ago is waited for as well, but not for ever', async () => {
  const { act, answer } = gone('two');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(act).toHaveBeenCalledOnce();
  const over = vi.fn();
  const end = settled(LIMIT_MS).then(over);
  await vi.advanceTimersByTimeAsync(LIMIT_MS - 1);
  expect(over).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await end;
  answer();
});

test('where nothing is on its way, nobody waits', async () => {
  await settled(LIMIT_MS);
});
