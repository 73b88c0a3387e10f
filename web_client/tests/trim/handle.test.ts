import { expect, test } from 'vitest';
import { reached } from '../../src/trim/handle';

test.each([
  ['ArrowRight', false, 5_100],
  ['ArrowUp', false, 5_100],
  ['ArrowLeft', false, 4_900],
  ['ArrowDown', true, 4_000],
  ['PageUp', false, 6_000],
  ['PageDown', false, 4_000],
  ['Home', false, 0],
  ['End', false, 9_000],
  ['Tab', false, null],
])('%s (shift: %s) leads from 5 s to %s', (key, shiftKey, to) => {
  expect(reached({ key, shiftKey }, 5_000, 9_000)).toBe(to);
});
