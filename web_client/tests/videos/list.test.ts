import { afterEach, expect, test } from 'vitest';
import type { Page, Video } from '../../src/api/types';
import { dismissToast, toasts } from '../../src/kit/toast';
import { VideoList } from '../../src/videos/list';
import { authorGone, keepVideo, onVideoGone, videoGone } from '../../src/videos/store';

const page = (ids: string[], next_cursor: string | null): Page<Video> => ({
  items: ids.map((id) => ({ id, author: { id: 'ben' }, viewer: null }) as Video),
  next_cursor,
});

/** Answers one request after the other, in whatever order the test wants. */
function asked() {
  const requests: {
    cursor: string | null;
    answer: (page: Page<Video>) => void;
    refuse: () => void;
  }[] = [];
  const list = new VideoList(
    (cursor) =>
      new Promise((resolve, reject) => {
        requests.push({ cursor, answer: resolve, refuse: () => reject(new Error('away')) });
      }),
  );
  return { list, requests };
}

afterEach(() => toasts.value.forEach(({ id }) => dismissToast(id)));

test('pages follow one another without repeating a video', async () => {
  const pages: Record<string, Page<Video>> = {
    first: page(['c', 'b'], '2'),
    '2': page(['b', 'a'], null),
  };
  const list = new VideoList((cursor) =>
    Promise.resolve(pages[cursor ?? 'first'] ?? page([], null)),
  );
  await list.load();
  expect(list.ids.value).toEqual(['c', 'b']);
  expect(list.current.value).toBe('c');
  await list.more();
  await list.more();
  expect(list.ids.value).toEqual(['c', 'b', 'a']);
  expect(list.hasMore.value).toBe(false);
});

test('a first page that fails can be tried again', async () => {
  let answers = 0;
  const list = new VideoList(() =>
    answers++ ? Promise.resolve(page(['a'], null)) : Promise.reject(new Error('away')),
  );
  await list.load();
  expect(list.state.value).toBe('failed');
  await list.load();
  expect(list.ids.value).toEqual(['a']);
});

test('a failing reload keeps what is on the screen', async () => {
  let answers = 0;
  const list = new VideoList(() =>
    answers++ ? Promise.reject(new Error('away')) : Promise.resolve(page(['a'], null)),
  );
  await list.load();
  await list.reload();
  expect([list.state.value, list.ids.value]).toEqual(['ready', ['a']]);
});

test('removing the current video shows the one that takes its place', async () => {
  const list = new VideoList(() => Promise.resolve(page(['c', 'b', 'a'], null)));
  await list.load();
  list.current.value = 'b';
  list.remove('b');
  expect(list.current.value).toBe('a');
  list.remove('a');
  expect(list.current.value).toBe('c');
});

test('a page that was asked for before its author or a video of it was gone does not bring it back', async () => {
  let answer: (page: Page<Video>) => void = () => undefined;
  const list = new VideoList(() => new Promise((resolve) => (answer = resolve)));
  const end = onVideoGone((id) => list.remove(id));
  const first = list.load();
  answer(page(['c', 'b'], '2'));
  await first;
  const second = list.more();
  videoGone('b');
  answer(page(['b', 'a'], '3'));
  await second;
  expect(list.ids.value).toEqual(['c', 'a']);
  const third = list.more();
  authorGone('ben');
  expect([list.ids.value, list.current.value]).toEqual([[], null]);
  answer(page(['z'], null));
  await third;
  expect(list.ids.value).toEqual([]);
  const again = list.reload(); // asked since: the block was undone
  answer(page(['c'], null));
  await again;
  expect(list.ids.value).toEqual(['c']);
  end();
});

test('a video that is taken out comes back to where it was, on the screen', async () => {
  const list = new VideoList(() => Promise.resolve(page(['c', 'b', 'a'], null)));
  await list.load();
  list.show('b');
  const putBack = list.takeOut('b');
  expect([list.ids.value, list.current.value]).toEqual([['c', 'a'], 'a']);
  putBack();
  putBack();
  expect([list.ids.value, list.current.value]).toEqual([['c', 'b', 'a'], 'b']);
});

test('no answer brings what was taken out, until it is put back', async () => {
  const list = new VideoList(() => Promise.resolve(page(['c', 'b', 'a'], null)));
  await list.load();
  const putBack = list.takeOut('b');
  await list.reload();
  expect(list.ids.value).toEqual(['c', 'a']);
  expect(await list.newest()).toEqual(['c', 'a']);
  putBack();
  expect(list.ids.value).toEqual(['c', 'b', 'a']);
  await list.reload();
  expect(list.ids.value).toEqual(['c', 'b', 'a']);
});

test('what is gone since it was taken out is not put back', async () => {
  const list = new VideoList(() => Promise.resolve(page(['c', 'b'], null)));
  await list.load();
  const putBack = list.takeOut('b');
  authorGone('ben');
  putBack();
  expect(list.ids.value).toEqual(['c']);
});

test('beginning anew leaves the end', async () => {
  const list = new VideoList(() => Promise.resolve(page(['a'], null)));
  await list.load();
  list.ended.value = true;
  await list.reload();
  expect([list.ended.value, list.current.value]).toEqual([false, 'a']);
});

test('beginning anew while the next page loads is asked for, and the old page is ignored', async () => {
  const { list, requests } = asked();
  const first = list.load();
  requests[0]?.answer(page(['c', 'b'], '2'));
  await first;
  const old = list.more();
  const anew = list.reload();
  expect(requests.map(({ cursor }) => cursor)).toEqual([null, '2', null]);
  requests[2]?.answer(page(['d', 'c'], '3'));
  expect(await anew).toBe(true);
  requests[1]?.answer(page(['a'], null));
  await old;
  expect([list.ids.value, list.hasMore.value]).toEqual([['d', 'c'], true]);
  void list.more();
  expect(requests[3]?.cursor).toBe('3');
});

test('what was put first while the list begins anew stays there, unless it is gone or was taken out', async () => {
  const { list, requests } = asked();
  const end = onVideoGone((id) => list.remove(id));
  const first = list.load();
  requests[0]?.answer(page(['b', 'a'], null));
  await first;
  list.prepend(['before']);
  const anew = list.reload();
  page(['taken', 'gone', 'c', 'd', 'e'], null).items.forEach((video) => {
    keepVideo(video);
    list.prepend([video.id]);
  });
  list.takeOut('taken');
  videoGone('gone');
  requests[1]?.answer(page(['c', 'b', 'a'], null));
  await anew;
  expect(list.ids.value).toEqual(['e', 'd', 'c', 'b', 'a']);
  expect(list.current.value).toBe('e');
  const later = list.reload();
  requests[2]?.answer(page(['c', 'b'], null));
  await later;
  expect(list.ids.value).toEqual(['c', 'b']);
  end();
});

test('what came into an empty list stays when an older answer is empty', async () => {
  const { list, requests } = asked();
  const first = list.load();
  requests[0]?.answer(page([], null));
  await first;
  const anew = list.reload();
  list.prepend(['a']);
  list.show('a');
  requests[1]?.answer(page([], null));
  await anew;
  expect([list.ids.value, list.current.value, list.state.value]).toEqual([['a'], 'a', 'ready']);
});

test('a list that begins anew shows its first video, or stays on the current one where that is listed', async () => {
  const { list, requests } = asked();
  const begin = async (ids: string[], stays?: () => boolean) => {
    const anew = list.reload(stays);
    requests.at(-1)?.answer(page(ids, null));
    await anew;
    return list.current.value;
  };
  await begin(['b', 'a']);
  list.show('a');
  expect(await begin(['c', 'b', 'a'], () => true)).toBe('a');
  expect(await begin(['c', 'b', 'a'], () => false)).toBe('c');
  list.show('a');
  expect(await begin(['c', 'b'], () => true)).toBe('c');
});

test('of two that begin anew the later one counts, for both', async () => {
  const { list, requests } = asked();
  const before = list.reload();
  const after = list.reload();
  requests[0]?.answer(page(['a'], null));
  await Promise.resolve();
  expect(list.ids.value).toEqual([]);
  requests[1]?.refuse();
  expect(await Promise.all([before, after])).toEqual([false, false]);
  expect(list.state.value).toBe('failed');
});

test('the next page is asked for once, and not while the list begins anew', async () => {
  const { list, requests } = asked();
  const first = list.load();
  requests[0]?.answer(page(['b'], '2'));
  await first;
  void list.more();
  void list.more();
  void list.reload();
  void list.more();
  expect(requests.map(({ cursor }) => cursor)).toEqual([null, '2', null]);
});

test('a next page that was dropped for a beginning anew that failed is awaited, one that failed is not', async () => {
  const { list, requests } = asked();
  const first = list.load();
  expect(list.awaitsMore.value).toBe(false);
  requests[0]?.answer(page(['b'], '2'));
  await first;
  expect(list.awaitsMore.value).toBe(true);
  const dropped = list.more({ ahead: true });
  const anew = list.reload();
  expect(list.awaitsMore.value).toBe(false);
  requests[2]?.refuse();
  await anew;
  requests[1]?.answer(page(['a'], null));
  await dropped;
  expect([list.ids.value, list.awaitsMore.value]).toEqual([['b'], true]);
  const refused = list.more({ ahead: true });
  requests[3]?.refuse();
  await refused;
  expect(list.awaitsMore.value).toBe(false);
  const again = list.more();
  requests[4]?.answer(page(['a'], null));
  await again;
  expect([list.ids.value, list.awaitsMore.value]).toEqual([['b', 'a'], false]);
});

test('what fails below or above what is shown is told, unless it was asked for ahead', async () => {
  const { list, requests } = asked();
  const first = list.load();
  requests[0]?.answer(page(['b'], '2'));
  await first;
  const ahead = list.more({ ahead: true });
  requests[1]?.refuse();
  await ahead;
  expect([toasts.value.length, list.failure.value]).toEqual([0, new Error('away')]);
  const wanted = list.more();
  requests[2]?.refuse();
  await wanted;
  expect(toasts.value).toHaveLength(1);
  toasts.value.forEach(({ id }) => dismissToast(id));
  const anew = list.reload();
  requests[3]?.refuse();
  expect(await anew).toBe(false);
  expect(toasts.value).toHaveLength(1);
  const again = list.more();
  requests[4]?.answer(page(['a'], null));
  await again;
  expect([list.ids.value, list.failure.value]).toEqual([['b', 'a'], null]);
});

test('whoever waits below the last video is shown the next one when it comes', async () => {
  const { list, requests } = asked();
  const first = list.load();
  requests[0]?.answer(page(['b'], '2'));
  await first;
  list.ended.value = true;
  const more = list.more();
  requests[1]?.answer(page(['a'], null));
  await more;
  expect([list.current.value, list.ended.value]).toEqual(['a', false]);
});
