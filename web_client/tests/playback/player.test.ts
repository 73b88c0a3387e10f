/** What a player does with streams that can be opened, and with those that cannot. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StreamOptions } from '../../src/playback/hls';
import { type FakeVideo, HLS, MP4, stills, stubScreen, video } from './screen';

const hls = vi.hoisted(() => ({ supported: true, missing: false, opened: [] as StreamOptions[] }));
vi.mock('../../src/playback/hls', () => ({
  streams: () => hls.supported,
  openStream: (_: unknown, __: string, options: StreamOptions) => {
    hls.opened.push(options);
    return { hold: () => undefined, goOn: () => undefined, close: () => undefined };
  },
}));
/** The script of the streams does not come where it is said to be missing. */
vi.mock('../../src/kit/imported', () => ({
  imported: (_: string, load: () => Promise<unknown>) =>
    hls.missing ? Promise.reject(new Error('nothing answered')) : load(),
}));

stubScreen();
const { Player } = await import('../../src/playback/player');

const renewed: string[] = [];
let leave: () => void;

function playing(...sources: (typeof MP4)[]) {
  const player = new Player((id) => {
    renewed.push(id);
    return Promise.resolve(video(id, ...sources));
  });
  leave = () => player.clear();
  player.show(video('a', ...sources));
  player.enter();
  const element = player.element as unknown as FakeVideo;
  return { player, element };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

beforeEach(() => {
  Object.assign(hls, { supported: true, missing: false, opened: [] });
  renewed.length = 0;
});

afterEach(() => leave());

test('an MP4 that comes too slowly gives way to the stream, once', async () => {
  const { player, element } = playing(MP4, HLS);
  element.tell('playing', 'waiting', 'playing', 'waiting');
  await settled();
  expect([hls.opened.length, player.changes.value, stills()]).toEqual([1, 1, 1]);
  player.clear();
  expect(stills()).toBe(0);
});

for (const [why, state] of [
  ['the browser has no streams', { supported: false }],
  ['their script does not come', { missing: true }],
] as const) {
  test(`where ${why}, the MP4 goes on, and nothing lies over it`, async () => {
    Object.assign(hls, state);
    const { player, element } = playing(MP4, HLS);
    element.tell('playing', 'waiting');
    await settled();
    expect([hls.opened.length, player.changes.value, stills()]).toEqual([0, 0, 0]);
    expect(player.phase.value).toBe('waiting');
    element.tell('playing');
    expect(player.phase.value).toBe('playing');
  });

  test(`where ${why}, a video that has nothing else is broken, and may be tried again`, async () => {
    Object.assign(hls, state);
    const { player } = playing(HLS);
    await settled();
    expect(player.phase.value).toBe('broken');
    Object.assign(hls, { supported: true, missing: false });
    player.show(video('a', HLS));
    player.enter();
    await settled();
    expect([player.phase.value, hls.opened.length]).toEqual(['waiting', 1]);
  });

  test(`where ${why}, there is no finer successor, and none is tried again`, async () => {
    Object.assign(hls, state);
    const { player, element } = playing(MP4, HLS);
    element.loaded = element.duration;
    element.currentTime = 5;
    element.tell('playing', 'timeupdate');
    expect(player.wantsMore).toBe(true);
    const successor = new Player(() => Promise.reject(new Error('unused')));
    expect(await successor.succeed(player, video('a', MP4, HLS), () => undefined)).toBe(false);
    expect(player.wantsMore).toBe(false);
    player.show(video('b', MP4, HLS));
    player.show(video('a', MP4, HLS));
    player.enter();
    element.currentTime = 5;
    element.tell('playing', 'timeupdate');
    expect(player.wantsMore).toBe(true);
  });
}

test('a stream that somebody left before its script was here is not opened', async () => {
  const { player } = playing(HLS);
  player.show(video('b', MP4));
  await settled();
  expect(hls.opened).toEqual([]);
});

test('a stream that breaks is repaired, also where its source is no attribute', async () => {
  const { element } = playing(HLS);
  await settled();
  // As hls.js does it with a ManagedMediaSource.
  element.removeAttribute('src');
  hls.opened[0]?.onBroken();
  await settled();
  expect(hls.opened).toHaveLength(2);
  hls.opened[1]?.onBroken();
  await settled();
  expect([hls.opened.length, renewed]).toEqual([3, ['a']]);
});
