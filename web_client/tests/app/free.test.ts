/** What can wait for the first video, and until when. */
import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { networkFree } from '../../src/app/free';
import { nothingToPlay } from '../../src/feed/nothing';
import { path } from '../../src/kit/router';
import { stage } from '../../src/playback/the-stage';

let watched = false;

vi.mock('../../src/kit/router', () => ({ path: signal('/') }));
vi.mock('../../src/playback/the-stage', () => ({
  stage: {
    rested: signal(false, { watched: () => (watched = true), unwatched: () => (watched = false) }),
  },
}));

beforeEach(() => {
  vi.useFakeTimers();
  (path as { value: string }).value = '/';
  [stage.rested.value, nothingToPlay.value] = [false, false];
});

afterEach(() => {
  vi.useRealTimers();
});

/** Milliseconds after which the network is free, where that happens in the middle of the fourth second. */
async function freeAfter(happens: () => void = () => undefined): Promise<number> {
  const begun = Date.now();
  const free = networkFree(4_000).then(() => Date.now() - begun);
  setTimeout(happens, 3_500);
  await vi.runAllTimersAsync();
  return free;
}

test('it is free once the first video has enough, and after some time anyway', async () => {
  expect(await freeAfter()).toBe(4_000);
  expect(await freeAfter(() => (stage.rested.value = true))).toBe(3_500);
  expect(await freeAfter()).toBe(0);
});

test('a page without videos has nothing to wait for', async () => {
  (path as { value: string }).value = '/settings';
  expect(await freeAfter()).toBe(0);
});

test('a feed that is empty or has failed has nothing to wait for', async () => {
  expect(await freeAfter(() => (nothingToPlay.value = true))).toBe(3_500);
});

test('nobody listens any more once that is known', async () => {
  const free = networkFree(4_000);
  expect(watched).toBe(true);
  await vi.runAllTimersAsync();
  await free;
  expect(watched).toBe(false);
});
