import { expect, test } from 'vitest';
import { isWhole, movedTo, wholeOf, withEnd, withStart } from '../../src/trim/range';

const bounds = { durationMs: 60_000, mostMs: 20_000 };
const long = { durationMs: 15_000, mostMs: 180_000 };

test('at first it is all of the clip, or as much as the server takes', () => {
  expect(wholeOf(long)).toEqual({ startMs: 0, endMs: 15_000 });
  expect(wholeOf(bounds)).toEqual({ startMs: 0, endMs: 20_000 });
  expect(isWhole(wholeOf(long), 15_000)).toBe(true);
  expect(isWhole(wholeOf(bounds), 60_000)).toBe(false);
});

test('the ends never cross, and leave a second between them', () => {
  const range = { startMs: 2_000, endMs: 9_000 };
  expect(withStart(range, 30_000, long)).toEqual({ startMs: 8_000, endMs: 9_000 });
  expect(withEnd(range, -5, long)).toEqual({ startMs: 2_000, endMs: 3_000 });
  expect(withStart(range, -5, long).startMs).toBe(0);
  expect(withEnd(range, 99_000, long).endMs).toBe(15_000);
});

test('where the part would get too long, the other end comes along', () => {
  const range = { startMs: 10_000, endMs: 30_000 };
  expect(withEnd(range, 45_000, bounds)).toEqual({ startMs: 25_000, endMs: 45_000 });
  expect(withStart(range, 4_000, bounds)).toEqual({ startMs: 4_000, endMs: 24_000 });
});

test('the part moves as a whole, within the clip', () => {
  const range = { startMs: 10_000, endMs: 30_000 };
  expect(movedTo(range, 3_000.4, bounds)).toEqual({ startMs: 3_000, endMs: 23_000 });
  expect(movedTo(range, 99_000, bounds)).toEqual({ startMs: 40_000, endMs: 60_000 });
  expect(movedTo(range, -1, bounds)).toEqual({ startMs: 0, endMs: 20_000 });
});

test('a clip shorter than a second stays as it is', () => {
  const blink = { durationMs: 600, mostMs: 180_000 };
  expect(withStart(wholeOf(blink), 400, blink)).toEqual({ startMs: 0, endMs: 600 });
});
