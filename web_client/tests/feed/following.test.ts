/** The Following feed: what arrives stays, and after a gap it is known that videos may be missing until a whole page is here. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dismissToast, toasts } from '../../src/kit/toast';

let gap: () => void = () => undefined;
let arrives: (video: object) => void = () => undefined;

vi.mock('../../src/live/live', () => ({
  onGap: (listener: () => void) => (gap = listener),
  onLive: (name: string, listener: (data: object) => void) => {
    if (name === 'video.published') arrives = listener;
  },
  startLive: () => undefined,
}));

const stage = vi.hoisted(() => ({ current: { peek: (): string | null => null } }));
let follows: () => void = () => undefined;

vi.mock('../../src/playback/the-stage', () => ({ stage }));
vi.mock('../../src/follows/store', () => ({
  onFollowChange: (listener: () => void) => (follows = listener),
}));

type Feed = typeof import('../../src/feed/following');
let feed: Feed;
let asked: number;

const video = (id: string) => ({
  id,
  author: { id: 'ben' },
  counts: { views: 0, likes: 0, comments: 0 },
});

/** The server answers so from now on; null: it refuses. */
function answers(ids: readonly string[] | null): void {
  vi.stubGlobal('fetch', () => {
    asked++;
    const page = { items: (ids ?? []).map(video), next_cursor: null, position: null };
    return Promise.resolve(
      ids ? new Response(JSON.stringify(page)) : new Response('{}', { status: 500 }),
    );
  });
}

/** The server has read so much, and answers when it is called. */
function answersLate(ids: readonly string[]): () => void {
  let late: () => void = () => undefined;
  vi.stubGlobal('fetch', () => {
    const page = { items: ids.map(video), next_cursor: null, position: null };
    return new Promise((resolve) => {
      late = () => resolve(new Response(JSON.stringify(page)));
    });
  });
  return () => late();
}

beforeEach(async () => {
  vi.resetModules();
  vi.stubGlobal('localStorage', { getItem: () => null });
  feed = await import('../../src/feed/following');
  asked = 0;
  stage.current.peek = () => null;
  answers(['b', 'a']);
  await feed.startFollowing();
});

afterEach(() => {
  toasts.value.forEach(({ id }) => dismissToast(id));
  vi.unstubAllGlobals();
});

/** Whether the pill reads the feed anew, rather than put what waits on top. */
async function pillReadsAnew(): Promise<boolean> {
  const before = asked;
  feed.showFresh();
  await settled();
  return asked > before;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 10));

test('what was missed within a page joins what is shown', async () => {
  answers(['c', 'b', 'a']);
  gap();
  await settled();
  expect(await pillReadsAnew()).toBe(false);
  expect(feed.following.ids.value).toEqual(['c', 'b', 'a']);
});

test('after a gap that cannot be read the pill reads the feed anew, again until it succeeds', async () => {
  answers(null);
  gap();
  await settled();
  arrives(video('f'));
  expect(await pillReadsAnew()).toBe(true);
  expect(feed.following.ids.value).toEqual(['b', 'a']);
  expect(feed.fresh.value.map(({ value }) => value.id)).toEqual(['f']);
  answers(['f', 'e', 'd']);
  expect(await pillReadsAnew()).toBe(true);
  expect(feed.following.ids.value).toEqual(['f', 'e', 'd']);
  arrives(video('g'));
  expect(await pillReadsAnew()).toBe(false);
  expect(feed.following.ids.value).toEqual(['g', 'f', 'e', 'd']);
});

test('a gap of more than a page has the pill read the feed anew', async () => {
  answers(['f', 'e', 'd']);
  gap();
  await settled();
  expect(await pillReadsAnew()).toBe(true);
  expect(feed.following.ids.value).toEqual(['f', 'e', 'd']);
});

test('an answer from before a gap does not close it', async () => {
  const late = answersLate(['b', 'a']);
  const anew = feed.refreshFollowing();
  await settled();
  answers(null);
  gap();
  await settled();
  late();
  await anew;
  expect(await pillReadsAnew()).toBe(true);
});

test('what came from behind the pill stays when an answer comes that is older', async () => {
  const late = answersLate(['b', 'a']);
  follows();
  await settled();
  arrives(video('c'));
  feed.showFresh();
  late();
  await settled();
  expect(feed.following.ids.value).toEqual(['c', 'b', 'a']);
  expect(feed.following.current.value).toBe('c');
  expect(feed.fresh.value).toEqual([]);
});

test('what came into the empty feed stays when an answer comes that is older', async () => {
  answers([]);
  await feed.refreshFollowing();
  const late = answersLate([]);
  follows();
  await settled();
  arrives(video('c'));
  expect(feed.following.ids.value).toEqual(['c']);
  late();
  await settled();
  expect([feed.following.ids.value, feed.following.current.value]).toEqual([['c'], 'c']);
});

test('following somebody keeps the video on the screen; beginning anew shows the first one', async () => {
  feed.following.show('a');
  stage.current.peek = () => 'a';
  answers(['c', 'b', 'a']);
  follows();
  await settled();
  expect([feed.following.ids.value, feed.following.current.value]).toEqual([['c', 'b', 'a'], 'a']);
  await feed.refreshFollowing();
  expect(feed.following.current.value).toBe('c');
  feed.following.show('a');
  stage.current.peek = () => null;
  follows();
  await settled();
  expect(feed.following.current.value).toBe('c');
});
