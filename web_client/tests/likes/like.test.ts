import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { session } from '../../src/accounts/session';
import type { Account, Video } from '../../src/api/types';
import { dismissToast, toasts } from '../../src/kit/toast';
import { setLiked } from '../../src/likes/like';
import { keepVideo, knownVideo } from '../../src/videos/store';

const VIDEO = {
  id: 'v',
  author: { id: 'b' },
  viewer: { liked: false },
  counts: { views: 0, likes: 5, comments: 0 },
} as Video;

let statuses: number[];
let sent: string[];

beforeEach(() => {
  session.value = { kind: 'member', account: { id: 'a', username: 'ann' } as Account };
  keepVideo(VIDEO);
  statuses = [];
  sent = [];
  vi.stubGlobal('fetch', (_: string, { method }: { method: string }) => {
    sent.push(method);
    const status = statuses.shift() ?? 204;
    return Promise.resolve(new Response(status === 204 ? null : '{}', { status }));
  });
});

afterEach(() => {
  toasts.value.forEach(({ id }) => dismissToast(id));
  vi.unstubAllGlobals();
});

function heart() {
  const { viewer, counts } = knownVideo('v')?.value ?? {};
  return [viewer?.liked, counts?.likes];
}

test('a like counts at once', async () => {
  const done = setLiked('v', true);
  expect(heart()).toEqual([true, 6]);
  await done;
  expect([heart(), sent]).toEqual([[true, 6], ['PUT']]);
});

test('a like and its end that both fail leave the heart as it was, and ask', async () => {
  statuses = [500, 500, 500];
  const done = setLiked('v', true);
  void setLiked('v', false);
  await done;
  expect([heart(), sent]).toEqual([
    [false, 5],
    ['PUT', 'DELETE', 'GET'],
  ]);
});

test('an answer from before the like does not empty the heart for good', async () => {
  const done = setLiked('v', true);
  keepVideo(VIDEO);
  await done;
  expect(heart()).toEqual([true, 6]);
});
