import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveCounts } from '../../src/videos/live-counts';

const counts = (video_id: string, likes: number) => ({
  video_id,
  views: 0,
  likes,
  comments: 0,
  watchers: 1,
});

let shown: number[];
let live: LiveCounts;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  shown = [];
  live = new LiveCounts(({ likes }) => shown.push(likes), 1_000);
});

afterEach(() => {
  vi.useRealTimers();
});

test('what is told is shown at once', () => {
  live.tell(counts('a', 1));
  live.tell(counts('a', 2));
  expect(shown).toEqual([1, 2]);
});

test('for a moment after a change of ours what is told waits, and the newest of it is shown', () => {
  live.tell(counts('a', 1));
  live.changed('a');
  live.tell(counts('a', 1));
  live.tell(counts('a', 2));
  expect(shown).toEqual([1]);
  vi.advanceTimersByTime(1_000);
  expect(shown).toEqual([1, 2]);
});

test('a change that comes to nothing is put right by what was told before', () => {
  live.tell(counts('a', 5));
  live.changed('a');
  vi.advanceTimersByTime(1_000);
  expect(shown).toEqual([5, 5]);
});

test('a change of another video, or with nothing told, is of no concern', () => {
  live.changed('a');
  live.tell(counts('a', 1));
  live.changed('b');
  live.tell(counts('a', 2));
  expect(shown).toEqual([1, 2]);
});

test('once nobody tells them nothing old is shown any more', () => {
  live.tell(counts('a', 1));
  live.changed('a');
  live.end();
  vi.advanceTimersByTime(60_000);
  live.tell(counts('b', 7));
  expect(shown).toEqual([1, 7]);
});
