import { expect, test } from 'vitest';
import { closes, distance, type Drag, moved } from '../../src/kit/sheet-drag';

const down: Drag = { fromY: 100, y: 100, at: 0, speed: 0 };
const dragged = (...moves: [y: number, at: number][]) =>
  moves.reduce((drag, [y, at]) => moved(drag, y, at), down);

test('a sheet follows the finger down, never up', () => {
  expect(distance(dragged([140, 16]))).toBe(40);
  expect(distance(dragged([60, 16]))).toBe(0);
});

test('let go far down it closes, unless the finger was on its way back', () => {
  expect(closes(dragged([200, 900], [200, 1000]))).toBe(true);
  expect(closes(dragged([260, 900], [200, 1000]))).toBe(false);
});

test('a flick closes at once, a slow short drag and a tap do not', () => {
  expect(closes(dragged([130, 30]))).toBe(true);
  expect(closes(dragged([130, 300]))).toBe(false);
  expect(closes(dragged([104, 4]))).toBe(false);
  expect(closes(down)).toBe(false);
});
