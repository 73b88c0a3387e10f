/** What counts as watched: only moving pictures, told once a video was left or hidden. */
import { beforeEach, expect, test } from 'vitest';
import type { View } from '../../src/api/types';
import { Meter, type Shown } from '../../src/plays/meter';

const one: Shown = { id: 'one', durationMs: 5_000, source: 'following' };
const two: Shown = { id: 'two', durationMs: null, source: 'link' };

let clock: number;
let told: View[];
let meter: Meter;

beforeEach(() => {
  clock = 0;
  told = [];
  meter = new Meter(
    (view) => told.push(view),
    () => clock,
  );
});

test('a video is told when the next one is on the screen, without the time that it stood still', () => {
  meter.see(one, false);
  clock = 1_000;
  meter.see(one, true);
  clock = 3_000;
  meter.see(one, false);
  clock = 9_000;
  meter.see(one, true);
  clock = 9_500;
  expect(told).toEqual([]);
  meter.see(two, false);
  expect(told).toEqual([
    { video_id: 'one', watched_ms: 2_500, completed: false, replays: 0, source: 'following' },
  ]);
});

test.each([
  [4_700, false, 0],
  [4_800, true, 0],
  [9_000, true, 0],
  [9_800, true, 1],
  [26_000, true, 4],
])('%d ms of five seconds: completed %s, %d replays', (ms, completed, replays) => {
  meter.see(one, true);
  clock = ms;
  meter.see(null, false);
  expect(told).toMatchObject([{ watched_ms: ms, completed, replays }]);
});

test('what was never moving, or for a moment only, was not watched', () => {
  meter.see(one, false);
  clock = 8_000;
  meter.see(two, true);
  clock = 8_050;
  meter.see(null, false);
  expect(told).toEqual([]);
});

test('a hidden page tells what was watched until then, and afterwards only the rest', () => {
  meter.see(one, true);
  clock = 3_000;
  meter.tell();
  meter.tell();
  clock = 4_000;
  meter.see(null, false);
  expect(told.map((view) => view.watched_ms)).toEqual([3_000, 1_000]);
});

test('where the length is not known nothing is said to be complete, and a day is the most', () => {
  meter.see(two, true);
  clock = 90_000_000;
  meter.see(null, false);
  expect(told).toEqual([
    { video_id: 'two', watched_ms: 86_400_000, completed: false, replays: 0, source: 'link' },
  ]);
});

test('no video has more replays than the server takes', () => {
  meter.see({ ...one, durationMs: 10 }, true);
  clock = 50_000;
  meter.see(null, false);
  expect(told).toMatchObject([{ completed: true, replays: 1_000 }]);
});

test('a round that was told in two parts is completed in the second one', () => {
  meter.see(one, true);
  clock = 2_500;
  meter.tell();
  clock = 5_000;
  meter.tell();
  clock = 10_000;
  meter.see(null, false);
  expect(
    told.map(({ watched_ms, completed, replays }) => [watched_ms, completed, replays]),
  ).toEqual([
    [2_500, false, 0],
    [2_500, true, 0],
    [5_000, true, 1],
  ]);
});
