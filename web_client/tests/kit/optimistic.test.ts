import { afterEach, beforeEach, expect, test } from 'vitest';
import { optimistic } from '../../src/kit/optimistic';
import { dismissToast, toasts } from '../../src/kit/toast';

interface Request {
  wish: boolean;
  accept: () => void;
  refuse: () => void;
}

let shown: boolean;
let requests: Request[];
let change: (id: string, wish: boolean) => Promise<void>;

beforeEach(() => {
  shown = false;
  requests = [];
  change = optimistic({
    shown: () => shown,
    show: (_, state) => (shown = state),
    send: (_, wish) =>
      new Promise((resolve, reject) => {
        requests.push({
          wish,
          accept: () => resolve(wish),
          refuse: () => reject(new Error('away')),
        });
      }),
  });
});

afterEach(() => toasts.value.forEach(({ id }) => dismissToast(id)));

const settled = () => new Promise((resolve) => setTimeout(resolve));
const sent = () => requests.map(({ wish }) => wish);

test('a change is on the screen at once, and taken back when it is refused', async () => {
  const done = change('a', true);
  expect(shown).toBe(true);
  requests[0]?.refuse();
  await done;
  expect([shown, toasts.value.length]).toEqual([false, 1]);
});

test('a press and its opposite that both fail leave what was there, and say so once', async () => {
  const done = change('a', true);
  void change('a', false);
  requests[0]?.refuse();
  await settled();
  requests[1]?.refuse();
  await done;
  expect([shown, sent(), toasts.value.length]).toEqual([false, [true, false], 1]);
});

test('a refused second press goes back to what the first one reached', async () => {
  const done = change('a', true);
  void change('a', false);
  requests[0]?.accept();
  await settled();
  expect(shown).toBe(false);
  requests[1]?.refuse();
  await done;
  expect(shown).toBe(true);
});

test('one request at a time, and of what was wished meanwhile the newest', async () => {
  const done = change('a', true);
  void change('a', false);
  void change('a', true);
  void change('a', false);
  expect(sent()).toEqual([true]);
  requests[0]?.accept();
  await settled();
  requests[1]?.accept();
  await done;
  expect([shown, sent()]).toEqual([false, [true, false]]);
});

test('a refusal that something newer was wished after is not told, and does not undo that', async () => {
  const done = change('a', true);
  void change('a', false);
  void change('a', true);
  requests[0]?.refuse();
  await settled();
  expect(shown).toBe(true);
  requests[1]?.accept();
  await done;
  expect([shown, toasts.value.length]).toEqual([true, 0]);
});

test('other things do not wait', () => {
  void change('a', true);
  void change('b', true);
  expect(requests).toHaveLength(2);
});

test('what failed is read anew, for it may have arrived all the same', async () => {
  const read: string[] = [];
  const lost = optimistic<boolean>({
    shown: () => shown,
    show: (_, state) => (shown = state),
    send: () => Promise.reject(new Error('the answer was lost')),
    reread: (id) => {
      read.push(id);
      shown = true;
      return Promise.resolve();
    },
  });
  await lost('a', true);
  expect([read, shown]).toEqual([['a'], true]);
});
