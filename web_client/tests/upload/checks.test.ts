import { expect, test } from 'vitest';
import { formatsInWords, lengthObstacle, limitsInWords, obstacle } from '../../src/upload/checks';

const limits = {
  max_bytes: 500_000_000,
  max_duration_ms: 180_000,
  remaining_today: 48,
  accepted_types: ['video/mp4', 'video/quicktime'],
};
const clip = { type: 'video/mp4', size: 38_000_000 };

test('a good file may go', () => {
  expect(obstacle(clip, limits)).toBeNull();
});

test('a file without a type may go: the server looks into it', () => {
  expect(obstacle({ ...clip, type: '' }, limits)).toBeNull();
});

test.each([
  [{ size: 501_000_000 }, /the limit is 500 MB/],
  [{ size: 0 }, /empty/],
  [{ type: 'text/plain' }, /isn’t a video/],
])('what the server would refuse is told before: %o', (change, words) => {
  expect(obstacle({ ...clip, ...change }, limits)).toMatch(words);
});

test('what is too long is told, unless nobody here knows how long it is', () => {
  expect(lengthObstacle(240_000, limits)).toMatch(/4:00 long, and the limit is 3:00/);
  expect(lengthObstacle(180_000, limits)).toBeNull();
  expect(lengthObstacle(null, limits)).toBeNull();
});

test('an exhausted day is told first', () => {
  expect(obstacle(clip, { ...limits, remaining_today: 0 })).toMatch(/tomorrow/);
});

test('limits are told in one line', () => {
  expect(limitsInWords({ ...limits, remaining_today: 9 })).toBe(
    'Up to 500 MB and 3:00 minutes · 9 left today',
  );
  expect(limitsInWords({ ...limits, remaining_today: 10 })).toBe('Up to 500 MB and 3:00 minutes');
  expect(limitsInWords({ ...limits, remaining_today: null })).toBe('Up to 500 MB and 3:00 minutes');
});

test('formats are told by the names that people know', () => {
  expect(formatsInWords({ ...limits, accepted_types: ['video/mp4', 'video/x-matroska'] })).toBe(
    'MP4 or MKV',
  );
  expect(formatsInWords({ ...limits, accepted_types: ['video/3gpp'] })).toBe('3GPP');
});
