/** What is told of how videos played. */
import { beforeEach, expect, test } from 'vitest';
import { Figures, type Showing } from '../../src/qoe/figures';

const waiting: Showing = {
  id: 'one',
  moved: false,
  wanted: true,
  moving: false,
  sought: false,
  broken: false,
  ahead: false,
  changes: 0,
};
const playing: Showing = { ...waiting, moved: true, moving: true };
const stalled: Showing = { ...playing, moving: false };
const stopped: Showing = { ...stalled, wanted: false };
const untold = { stalls: 0, stalled_ms: 0, watched_ms: 0, rendition_changes: 0, ahead: false };

let clock: number;
let figures: Figures;

function see(at: number, showing: Showing | null): void {
  clock = at;
  figures.see(showing);
}

beforeEach(() => {
  clock = 0;
  figures = new Figures(() => clock);
});

test('a video is told with its start-up once it was left, and the first one of the page with its navigation', () => {
  see(300, waiting);
  see(700, playing);
  see(2_700, { ...waiting, id: 'two', ahead: true });
  see(2_750, { ...playing, id: 'two', ahead: true });
  see(3_750, null);
  expect(figures.take()).toEqual({
    plays: [
      { ...untold, outcome: 'started', startup_ms: 400, watched_ms: 2_000 },
      { ...untold, outcome: 'started', startup_ms: 50, watched_ms: 1_000, ahead: true },
    ],
    first_picture_ms: 700,
    preloaded_bytes: 0,
    wasted_bytes: 0,
  });
  expect(figures.take()).toBeNull();
});

test('pictures that stand still for want of data are stalls; those that were stopped or sought are not', () => {
  see(0, waiting);
  see(100, playing);
  see(1_100, stalled);
  see(1_300, stalled);
  see(1_500, { ...playing, changes: 1 });
  see(2_500, stopped);
  see(9_500, playing);
  see(9_600, { ...stalled, sought: true });
  see(9_900, { ...playing, changes: 2 });
  see(10_000, null);
  expect(figures.take()?.plays).toEqual([
    {
      ...untold,
      outcome: 'started',
      startup_ms: 100,
      stalls: 1,
      stalled_ms: 400,
      watched_ms: 2_200,
      rendition_changes: 2,
    },
  ]);
});

test('who goes on before anything moved has left it', () => {
  see(0, waiting);
  see(400, null);
  expect(figures.take()?.plays).toEqual([{ ...untold, outcome: 'left', startup_ms: null }]);
});

test('what was stopped before it began says nothing of its start-up', () => {
  see(0, { ...waiting, wanted: false });
  see(5_000, waiting);
  see(5_100, playing);
  see(6_100, null);
  expect(figures.take()?.plays).toEqual([
    { ...untold, outcome: 'resumed', startup_ms: null, watched_ms: 1_000 },
  ]);
  see(7_000, { ...waiting, wanted: false });
  see(8_000, null);
  expect(figures.take()).toBeNull();
});

test('what cannot be played is told as that', () => {
  see(0, waiting);
  see(800, { ...waiting, wanted: false, broken: true });
  see(900, null);
  expect(figures.take()?.plays).toEqual([{ ...untold, outcome: 'broken', startup_ms: null }]);
});

test('what is broken is told once, however often the page is hidden, and again once it was mended in between', () => {
  const broken = { ...waiting, wanted: false, broken: true };
  see(0, waiting);
  see(800, broken);
  expect(figures.take()?.plays).toEqual([{ ...untold, outcome: 'broken', startup_ms: null }]);
  see(900, broken);
  expect(figures.take()).toBeNull();
  see(1_000, broken);
  see(2_000, waiting);
  see(2_500, broken);
  see(3_000, null);
  expect(figures.take()?.plays).toEqual([{ ...untold, outcome: 'broken', startup_ms: null }]);
});

test('a first picture that waited for somebody is not told, one that was there before is', () => {
  figures.notFromTheStart();
  see(300, waiting);
  see(700, playing);
  expect(figures.take()?.first_picture_ms).toBeNull();
  figures = new Figures(() => clock);
  see(300, waiting);
  see(700, playing);
  figures.notFromTheStart();
  expect(figures.take()?.first_picture_ms).toBe(700);
});

test('a page that is hidden tells what it has, and nothing twice when it goes on', () => {
  see(0, waiting);
  see(200, { ...playing, changes: 1 });
  figures.fetched(5_000);
  figures.wasted(700);
  clock = 1_200;
  expect(figures.take()).toEqual({
    plays: [
      {
        ...untold,
        outcome: 'started',
        startup_ms: 200,
        watched_ms: 1_000,
        rendition_changes: 1,
      },
    ],
    first_picture_ms: 200,
    preloaded_bytes: 5_000,
    wasted_bytes: 700,
  });
  see(1_300, { ...stopped, changes: 1 });
  see(5_000, { ...playing, changes: 1 });
  see(5_500, null);
  expect(figures.take()).toEqual({
    plays: [{ ...untold, outcome: 'resumed', startup_ms: null, watched_ms: 600 }],
    first_picture_ms: null,
    preloaded_bytes: 0,
    wasted_bytes: 0,
  });
});

test('a beacon holds a hundred videos, and the next one the rest', () => {
  for (let at = 0; at <= 130; at++) see(at, at < 130 ? { ...waiting, id: String(at) } : null);
  expect(figures.full).toBe(true);
  expect(figures.take()?.plays).toHaveLength(100);
  expect(figures.full).toBe(false);
  expect(figures.take()?.plays).toHaveLength(30);
});

test('no figure is larger than the server takes', () => {
  see(0, waiting);
  see(2_000_000, playing);
  see(100_000_000, null);
  expect(figures.take()?.plays[0]).toMatchObject({ startup_ms: 600_000, watched_ms: 86_400_000 });
});
