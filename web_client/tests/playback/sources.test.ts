import { expect, test } from 'vitest';
import type { Source, Video } from '../../src/api/types';
import {
  bytesUntil,
  expired,
  headOf,
  startOf,
  streamOf,
  worthStreaming,
} from '../../src/playback/sources';

function source(type: string, short: number, expires_at: string | null = null): Source {
  return {
    type,
    url: `/media/x/${short}`,
    width: short,
    height: (short * 16) / 9,
    bitrate: 1,
    bytes: 1,
    expires_at,
  };
}

const mp4 = source('video/mp4', 360);
const hls = source('application/vnd.apple.mpegurl', 720);
const video = (change: Partial<Video>) =>
  ({ sources: [hls, mp4], status: 'ready', ...change }) as Video;

test('the MP4 starts, wherever it stands', () => {
  expect(startOf(video({}))).toBe(mp4);
});

test('who saves data is shown the smallest MP4', () => {
  const [large, small] = [
    { ...mp4, bitrate: 2_000_000 },
    { ...mp4, bitrate: 200_000 },
  ];
  expect(startOf(video({ sources: [large, hls, small] }), true)).toBe(small);
  expect(startOf(video({ sources: [large, hls, small] }))).toBe(large);
});

test('a beginning is the index and a second, and no more than there is', () => {
  const long = { ...mp4, bitrate: 800_000, bytes: 9_000_000 };
  expect(headOf(long)).toBe(65_536 + 100_000);
  expect(headOf({ ...long, bytes: 90_000 })).toBe(90_000);
  expect(headOf({ ...long, bitrate: 80_000_000 })).toBe(1_048_576);
  expect(bytesUntil(long, 2)).toBe(200_000);
  expect(bytesUntil({ ...long, bytes: 150_000 }, 2)).toBe(150_000);
});

test('HLS is for finished videos', () => {
  expect(streamOf(video({}))).toBe(hls);
  expect(streamOf(video({ status: 'playable' }))).toBeNull();
});

test('HLS is worth it when it shows more than the MP4 on this screen', () => {
  expect(worthStreaming(mp4, hls, 780)).toBe(true);
  expect(worthStreaming(mp4, hls, 320)).toBe(false);
  expect(worthStreaming(source('video/mp4', 720), hls, 1080)).toBe(false);
});

test('addresses that end within half a minute count as expired', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const until = (time: string) => video({ sources: [source('video/mp4', 360, time)] });
  expect(expired(until('2026-01-01T00:00:20Z'), now)).toBe(true);
  expect(expired(until('2026-01-01T00:10:00Z'), now)).toBe(false);
  expect(expired(video({}), now)).toBe(false);
});
