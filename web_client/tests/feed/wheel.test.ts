import { expect, test } from 'vitest';
import { WheelTurns } from '../../src/feed/wheel';

/** How far a series of (px, ms since the one before) goes. */
function turned(...moves: [number, number][]): number {
  const turns = new WheelTurns();
  let at = 0;
  return moves.reduce((sum, [px, after]) => sum + turns.turn(px, (at += after)), 0);
}

/** A trackpad that was flicked: it rolls out for more than a second. */
function flick(first: number): [number, number][] {
  const rolls: [number, number][] = [[first / 4, 1000]];
  for (let px = first; Math.abs(px) > 1; px *= 0.94) rolls.push([Math.round(px), 16]);
  return rolls;
}

test('a notch of a wheel is one video, and each notch another one', () => {
  expect(turned([120, 0])).toBe(1);
  expect(turned([120, 0], [120, 300], [120, 300])).toBe(3);
  expect(turned([-100, 0])).toBe(-1);
});

test('a flick of a trackpad is one video, however long it rolls', () => {
  expect(flick(180).length).toBeGreaterThan(60);
  expect(turned(...flick(180))).toBe(1);
  expect(turned(...flick(-60))).toBe(-1);
});

test('another flick into the rolling of the first is another one', () => {
  const rolling = flick(180).slice(0, 40);
  const [, ...again] = flick(200);
  expect(turned(...rolling, ...again)).toBe(2);
});

test('turning round goes back at once', () => {
  expect(turned(...flick(180).slice(0, 20), [-80, 16])).toBe(0);
});

test('a trembling hand goes nowhere', () => {
  expect(turned([3, 0], [-2, 16], [4, 16])).toBe(0);
});
