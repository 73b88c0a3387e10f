/** What keys do to the video on the screen, and at the end of a feed, where there is none. */
import { beforeEach, expect, test, vi } from 'vitest';

let done: string[];

vi.mock('../../src/comments/open', () => ({ openComments: (id: string) => done.push(`c ${id}`) }));
vi.mock('../../src/likes/like', () => ({
  setLiked: (id: string, like: boolean) => done.push(`${like ? 'like' : 'unlike'} ${id}`),
}));
vi.mock('../../src/playback/sound', () => ({ toggleSound: () => done.push('sound') }));
vi.mock('../../src/feed/playing', () => ({
  SEEK_SECONDS: 5,
  seekBy: (id: string, seconds: number) => done.push(`${seconds} ${id}`),
  togglePlaying: (id: string) => done.push(`pause ${id}`),
}));

vi.stubGlobal('localStorage', { getItem: () => null });
vi.stubGlobal('Element', Object);
const { pressed } = await import('../../src/feed/keys');

beforeEach(() => {
  done = [];
});

const moves = {
  move: (by: number) => done.push(`by ${by}`),
  moveTo: (place: number) => done.push(`to ${place}`),
};

/** What these keys do while that video is on the screen, and how many of them the browser does not hear. */
function press(id: string | null, keys: readonly string[], repeat = false) {
  done = [];
  let taken = 0;
  for (const key of keys) {
    const event = { key, repeat, preventDefault: () => taken++ } as unknown as KeyboardEvent;
    pressed(event, id, moves);
  }
  return [done, taken];
}

const ACTS = ['l', 'c', 'm', ' '];

test('keys act on the video on the screen, and go to others', () => {
  expect(press('v', ACTS)).toEqual([['like v', 'c v', 'sound', 'pause v'], 4]);
  expect(press('v', ['ArrowLeft', 'j', 'Home', 'x'])).toEqual([['-5 v', 'by 1', 'to 0'], 3]);
});

test('where no video is on the screen, keys only go to others', () => {
  expect(press(null, [...ACTS, 'ArrowLeft', 'ArrowRight'])).toEqual([[], 0]);
  expect(press(null, ['ArrowUp', 'k', 'PageUp', 'End'])).toEqual([
    ['by -1', 'by -1', 'by -1', 'to Infinity'],
    4,
  ]);
});

test('a key that is held likes, speaks, sounds and stops once; it goes on and on through videos', () => {
  expect(press('v', ACTS, true)).toEqual([[], 4]);
  expect(press('v', ['ArrowDown', 'ArrowRight'], true)).toEqual([['by 1', '5 v'], 2]);
});
