import { expect, test } from 'vitest';
import { pauseMs } from '../../src/kit/backoff';

const shortest = () => 0;
const longest = () => 1;

test('the pause doubles from attempt to attempt and ends at 30 s', () => {
  expect([1, 2, 3, 6, 7, 500].map((attempt) => pauseMs(attempt, longest))).toEqual([
    1000, 2000, 4000, 30_000, 30_000, 30_000,
  ]);
});

test('no draw is shorter than half a second', () => {
  expect([1, 5, 50].map((attempt) => pauseMs(attempt, shortest))).toEqual([500, 500, 500]);
});
