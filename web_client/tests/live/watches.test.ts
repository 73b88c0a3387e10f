import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Watches } from '../../src/live/watches';

let sent: string[];
let begun: string[];
let lost: string[];
let watches: Watches;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  begun = [];
  lost = [];
  watches = new Watches(
    ({ type, video_id }) => sent.push(`${type} ${video_id}`),
    (videoId) => begun.push(videoId),
    (videoId) => lost.push(videoId),
  );
});

afterEach(() => {
  vi.useRealTimers();
});

test('without a session nothing is said, and with the next one everything', () => {
  watches.add('a');
  watches.add('b');
  watches.remove('b');
  expect(sent).toEqual([]);
  watches.again();
  expect(sent).toEqual(['watch a']);
  watches.done(1);
  expect(begun).toEqual(['a']);
});

test('the same video is asked for once', () => {
  watches.again();
  watches.add('a');
  watches.add('a');
  expect(sent).toEqual(['watch a']);
});

test('a refusal that passes is tried again, any other is the end', () => {
  watches.again();
  watches.add('a');
  watches.refused(1, 'unavailable');
  vi.advanceTimersByTime(1_000);
  expect(sent).toEqual(['watch a', 'watch a']);
  watches.refused(2, 'not_found');
  watches.broken();
  watches.again();
  expect(sent).toHaveLength(2);
  expect(lost).toEqual(['a']);
});

test('of what may not be watched, but is there, nobody is told that it is gone', () => {
  watches.again();
  watches.add('a');
  watches.refused(1, 'not_playable');
  expect(lost).toEqual([]);
});

test('what was let go meanwhile is not tried again', () => {
  watches.again();
  watches.add('a');
  watches.refused(1, 'unavailable');
  watches.remove('a');
  vi.advanceTimersByTime(60_000);
  expect(sent).toEqual(['watch a', 'unwatch a']);
});

test('answers to what was asked before a break mean nothing', () => {
  watches.again();
  watches.add('a');
  watches.broken();
  watches.again();
  watches.done(1);
  expect(begun).toEqual([]);
  watches.refused(1, 'not_found');
  watches.done(2);
  expect(begun).toEqual(['a']);
});

test('an error that answers nothing of ours changes nothing', () => {
  watches.again();
  watches.add('a');
  watches.refused(null, 'bad_json');
  watches.refused(77, 'not_found');
  watches.done(1);
  expect(begun).toEqual(['a']);
});
