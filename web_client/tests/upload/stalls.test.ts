import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { STALLED_AFTER_MS, Stalls, TRIES } from '../../src/upload/stalls';

const SERVER_QUEUES_MS = 30_000;
const LONGEST_PAUSE_MS = 30_000;

let abort = vi.fn<() => void>();
let start = vi.fn<() => void>();
let giveUp = vi.fn<() => void>();
let stalls: Stalls;

beforeEach(() => {
  vi.useFakeTimers();
  [abort, start, giveUp] = [vi.fn(), vi.fn(), vi.fn()];
  stalls = new Stalls({ abort, start, giveUp });
  // A request that nobody answers.
  start.mockImplementation(() => stalls.watch());
});

afterEach(() => {
  stalls.end();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** So many stalls, each with the pause behind it. */
function stalledAndBegun(times: number): void {
  for (let timer = 0; timer < 2 * times; timer++) vi.advanceTimersToNextTimer();
}

test('a server that lets the upload wait for its turn is waited for', () => {
  stalls.watch();
  vi.advanceTimersByTime(SERVER_QUEUES_MS + 10_000);
  expect(abort).not.toHaveBeenCalled();
});

test('an upload that moves no byte begins again, after a pause', () => {
  stalls.watch();
  vi.advanceTimersByTime(STALLED_AFTER_MS);
  expect([abort.mock.calls.length, start.mock.calls.length]).toEqual([1, 0]);
  vi.advanceTimersByTime(LONGEST_PAUSE_MS);
  expect(start).toHaveBeenCalledOnce();
});

test('the pauses grow', () => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  const at: number[] = [];
  start.mockImplementation(() => {
    at.push(Date.now());
    stalls.watch();
  });
  const began = Date.now();
  stalls.watch();
  vi.advanceTimersByTime(4 * STALLED_AFTER_MS + 1_000 + 2_000 + 4_000);
  const pauses = at.map((time, nth) => time - (at[nth - 1] ?? began) - STALLED_AFTER_MS);
  expect(pauses).toEqual([1_000, 2_000, 4_000]);
});

test('it is given up when the tries are used up, and stays so', () => {
  stalls.watch();
  vi.advanceTimersByTime((TRIES + 1) * (STALLED_AFTER_MS + LONGEST_PAUSE_MS));
  expect(start).toHaveBeenCalledTimes(TRIES);
  expect(abort).toHaveBeenCalledTimes(TRIES + 1);
  expect(giveUp).toHaveBeenCalledOnce();
  stalls.moved(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('new bytes make good for earlier stalls, the same ones again do not', () => {
  start.mockImplementation(() => stalls.moved(100));
  stalls.moved(100);
  stalledAndBegun(TRIES);
  stalls.moved(200);
  stalledAndBegun(TRIES);
  expect(start).toHaveBeenCalledTimes(2 * TRIES);
  expect(giveUp).not.toHaveBeenCalled();
  vi.advanceTimersToNextTimer();
  expect(giveUp).toHaveBeenCalledOnce();
});

test('at rest nothing is a stall', () => {
  stalls.watch();
  stalls.rest();
  expect(vi.getTimerCount()).toBe(0);
});
