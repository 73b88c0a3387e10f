import { expect, test } from 'vitest';
import { loudness } from '../../src/record/level';

test('silence is nothing, a shout is all there is', () => {
  expect(loudness(new Float32Array(64))).toBe(0);
  expect(loudness(new Float32Array(64).fill(0.9))).toBe(1);
  expect(loudness(new Float32Array(64).fill(-0.125))).toBeCloseTo(0.5);
  expect(loudness(new Float32Array(0))).toBe(0);
});
