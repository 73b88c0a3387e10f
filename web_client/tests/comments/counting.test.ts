import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { session } from '../../src/accounts/session';
import type { Account, Video } from '../../src/api/types';
import { type ShownComment, Thread } from '../../src/comments/thread';
import { onChanged } from '../../src/kit/moments';
import { settleAll } from '../../src/kit/undo';
import { LiveCounts } from '../../src/videos/live-counts';
import { changeVideo, keepVideo, knownVideo } from '../../src/videos/store';

/** Longer than the server's counts wait after a change of ours. */
const SETTLED_MS = 2_000;
/** Longer than anything can be taken back. */
const TOAST_MS = 10_000;

let videos = 0;
let video: string;
let live: LiveCounts;
onChanged((id) => live.changed(id));

beforeEach(() => {
  vi.useFakeTimers();
  session.value = { kind: 'member', account: { id: 'a', username: 'ann' } as Account };
  video = `video-${++videos}`;
  live = new LiveCounts(({ video_id, views, likes, comments }) =>
    changeVideo(video_id, { counts: { views, likes, comments } }),
  );
  keepVideo({
    id: video,
    author: { id: 'b' },
    counts: { views: 0, likes: 0, comments: 5 },
  } as Video);
  tell(5);
});

afterEach(() => {
  live.end();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function tell(comments: number): void {
  live.tell({ video_id: video, views: 0, likes: 0, comments, watchers: 1 });
}

const counted = () => knownVideo(video)?.value.counts.comments;

/** The network, whose answer is given by the test. */
function network(): (status: number, body: object | null) => void {
  let respond: (response: Response) => void = () => undefined;
  const response = new Promise<Response>((resolve) => (respond = resolve));
  vi.stubGlobal('fetch', () => response);
  return (status, body) => respond(new Response(body && JSON.stringify(body), { status }));
}

const COMMENT = { id: 'c', author: { id: 'a' }, text: 'hello' };

test('a comment counts as soon as it is said', async () => {
  const answer = network();
  const done = new Thread(video).say('hello', 'k');
  expect(counted()).toBe(6);
  answer(201, COMMENT);
  await done;
  expect(counted()).toBe(6);
});

test('it counts once when the server tells so before it answers', async () => {
  const answer = network();
  const done = new Thread(video).say('hello', 'k');
  tell(6);
  expect(counted()).toBe(6);
  answer(201, COMMENT);
  await done;
  expect(counted()).toBe(6);
  vi.advanceTimersByTime(SETTLED_MS);
  expect(counted()).toBe(6);
});

test('it counts once when the server tells so after it answered, and what is from before does no harm', async () => {
  const answer = network();
  const done = new Thread(video).say('hello', 'k');
  answer(201, COMMENT);
  await done;
  tell(5);
  expect(counted()).toBe(6);
  tell(6);
  expect(counted()).toBe(6);
  vi.advanceTimersByTime(SETTLED_MS);
  expect(counted()).toBe(6);
});

test('a comment that is refused does not count, whatever was told meanwhile', async () => {
  const answer = network();
  const done = new Thread(video).say('hello', 'k');
  tell(7);
  answer(409, { code: 'not_playable' });
  await done;
  expect(counted()).toBe(5);
  vi.advanceTimersByTime(SETTLED_MS);
  expect(counted()).toBe(7);
});

/** A thread with one comment of ours, which is being taken away. */
function takingAway(): Thread {
  const thread = new Thread(video);
  const comment = { ...COMMENT, state: 'said' } as ShownComment;
  thread.comments.value = [comment];
  thread.remove(comment);
  return thread;
}

test('a comment that is taken away is not seen, and the server hears of it once it cannot be taken back', () => {
  const answer = vi.fn(() => new Promise<Response>(() => undefined));
  vi.stubGlobal('fetch', answer);
  const thread = takingAway();
  expect(thread.shown.value).toEqual([]);
  expect(thread.leaving).toBe(1);
  expect(answer).not.toHaveBeenCalled();
  settleAll();
  expect(thread.shown.value).toEqual([]);
  expect(thread.leaving).toBe(0);
  expect(counted()).toBe(4);
});

test('it is sent by itself when nobody took it back', async () => {
  const answer = network();
  takingAway();
  await vi.advanceTimersByTimeAsync(TOAST_MS);
  expect(counted()).toBe(4);
  answer(204, null);
});

test('a comment that is taken away counts no more, told before the answer or after it', async () => {
  for (const early of [true, false]) {
    tell(5);
    vi.advanceTimersByTime(SETTLED_MS);
    const answer = network();
    takingAway();
    settleAll();
    expect(counted()).toBe(4);
    if (early) tell(4);
    answer(204, null);
    await vi.advanceTimersByTimeAsync(0);
    if (!early) tell(4);
    expect(counted()).toBe(4);
    vi.advanceTimersByTime(SETTLED_MS);
    expect(counted()).toBe(4);
  }
});

test('one that is not let go counts again, and is seen', async () => {
  const answer = network();
  const thread = takingAway();
  settleAll();
  answer(403, { code: 'forbidden' });
  await vi.advanceTimersByTimeAsync(0);
  expect(counted()).toBe(5);
  expect(thread.shown.value).toMatchObject([COMMENT]);
});
