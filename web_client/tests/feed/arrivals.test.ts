import { expect, test } from 'vitest';
import { arrive } from '../../src/feed/arrivals';

test('an empty feed shows the first video at once', () => {
  expect(arrive({ shown: [], waiting: [] }, 'a')).toEqual({ shown: ['a'], waiting: [] });
});

test('later ones wait behind the pill, newest first, and move nothing', () => {
  const shown = ['a'];
  const first = arrive({ shown, waiting: [] }, 'b');
  const second = arrive(first, 'c');
  expect(second.waiting).toEqual(['c', 'b']);
  expect(second.shown).toBe(shown);
});

test('nothing is shown twice', () => {
  const now = { shown: ['a'], waiting: ['b'] };
  expect(arrive(now, 'a')).toBe(now);
  expect(arrive(now, 'b')).toBe(now);
});
