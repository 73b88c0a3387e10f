/** Which videos have a player. */
import { expect, test, vi } from 'vitest';
import { type FakeVideo, HLS, MP4, stubScreen, video } from './screen';

vi.mock('../../src/playback/hls', () => ({ streams: () => false }));

stubScreen();
vi.stubGlobal('navigator', {});
const { Stage } = await import('../../src/playback/stage');

test('a finer stream that cannot be opened takes the player of no other video', async () => {
  const stage = new Stage(() => Promise.reject(new Error('unused')));
  const slot = { prepend: () => undefined } as unknown as Element;
  const seats = ['a', 'b', 'c'].map((id) => ({ video: video(id, MP4, HLS), slot }));
  stage.arrange(seats);
  const player = stage.players.value.get('a');
  const element = player?.element as unknown as FakeVideo;
  element.loaded = element.duration;
  element.currentTime = 5;
  element.tell('playing', 'timeupdate');
  const wanted = player?.wantsMore;
  if (player) player.moved.value = true;
  element.tell('progress');
  expect([wanted, stage.players.value.size]).toEqual([true, 2]);
  await vi.waitFor(() => expect(stage.players.value.size).toBe(3));
  expect(player?.wantsMore).toBe(false);
});
