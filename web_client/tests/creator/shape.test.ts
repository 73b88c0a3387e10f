import { describe, expect, it } from 'vitest';
import { areaOf, lineOf, nearest, pointsOf, roundAbove } from '../../src/creator/shape';

describe('a curve', () => {
  it('goes from left to right, and up to the most', () => {
    const points = pointsOf([0, 5, 10], 10, 600, 160);
    expect(lineOf(points)).toBe('M0 160L300 80L600 0');
    expect(areaOf(points, 160)).toBe('M0 160L300 80L600 0L600 160L0 160Z');
  });

  it('lies on the ground where there is nothing', () => {
    expect(lineOf(pointsOf([0, 0], 0, 600, 160))).toBe('M0 160L600 160');
    expect(areaOf([], 160)).toBe('');
    expect(pointsOf([3], 3, 600, 160)).toEqual([{ x: 0, y: 0 }]);
  });

  it('ends at a round number that is not below', () => {
    expect([0, 1, 1.5, 2, 3, 7, 10, 11, 450, 9001].map(roundAbove)).toEqual([
      1, 1, 2, 2, 5, 10, 10, 20, 500, 10_000,
    ]);
  });

  it('is read at the point that is nearest', () => {
    expect([-0.2, 0, 0.24, 0.26, 1, 1.4].map((place) => nearest(3, place))).toEqual([
      0, 0, 0, 1, 2, 2,
    ]);
  });
});
