import { expect, test } from 'vitest';
import type { Page, Video } from '../../src/api/types';
import { VideoList } from '../../src/videos/list';
import { authorGone, onVideoGone, videoGone } from '../../src/videos/store';

const page = (ids: string[], next_cursor: string | null): Page<Video> => ({
  items: ids.map((id) => ({ id, author: { id: 'ben' }, viewer: null }) as Video),
  next_cursor,
});

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
