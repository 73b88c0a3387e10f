import { expect, test } from 'vitest';
import { Stopwatch } from '../../src/record/stopwatch';

test('pauses are left out', () => {
  const watch = new Stopwatch();
  expect(watch.elapsed(50)).toBe(0);
  watch.start(100);
  expect(watch.elapsed(400)).toBe(300);
  watch.pause(600);
  expect(watch.elapsed(9_000)).toBe(500);
  watch.start(10_000);
  watch.start(10_500);
  expect(watch.elapsed(11_000)).toBe(1_500);
});
