import { expect, test } from 'vitest';
import { covering, FRAMES, momentOf } from '../../src/trim/frames';

test('the middle of a picture fills its field', () => {
  expect(covering(1920, 1080, 40, 64)).toEqual({ x: 622.5, y: 0, width: 675, height: 1080 });
  expect(covering(180, 320, 45, 64)).toEqual({ x: 0, y: 32, width: 180, height: 256 });
});

test('each picture is the middle of its piece of time', () => {
  expect(momentOf(0, 9_000)).toBe(4_500 / FRAMES);
  expect(momentOf(FRAMES - 1, 9_000)).toBeLessThan(9_000);
});
