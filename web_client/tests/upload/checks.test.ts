import { expect, test } from 'vitest';
import { limitsInWords, obstacle } from '../../src/upload/checks';

const limits = {
  max_bytes: 500_000_000,
  max_duration_ms: 180_000,
  remaining_today: 48,
  accepted_types: ['video/mp4', 'video/quicktime'],
};
const clip = { name: 'a.mp4', type: 'video/mp4', size: 38_000_000, durationMs: 12_000 };

test('a good file may go', () => {
  expect(obstacle(clip, limits)).toBeNull();
});

test('a file without a type may go: the server looks into it', () => {
  expect(obstacle({ ...clip, type: '' }, limits)).toBeNull();
});

test.each([
  [{ size: 501_000_000 }, /up to 500 MB/],
  [{ size: 0 }, /empty/],
  [{ durationMs: 240_000 }, /lasts 4:00, the most is 3:00/],
  [{ type: 'text/plain' }, /not a video/],
])('what the server would refuse is told before: %o', (change, words) => {
  expect(obstacle({ ...clip, ...change }, limits)).toMatch(words);
});

test('an exhausted day is told first', () => {
  expect(obstacle(clip, { ...limits, remaining_today: 0 })).toMatch(/tomorrow/);
});

test('limits are told in one line', () => {
  expect(limitsInWords(limits)).toBe('Up to 500 MB and 3:00 min · 48 left today');
  expect(limitsInWords({ ...limits, remaining_today: null })).toBe('Up to 500 MB and 3:00 min');
});
