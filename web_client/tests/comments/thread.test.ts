import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { session } from '../../src/accounts/session';
import type { Account } from '../../src/api/types';
import {
  merged,
  reread,
  type ShownComment,
  Thread,
  withBack,
  withHeard,
} from '../../src/comments/thread';

const VIDEO = 'v';
let keys: (string | null)[];

beforeEach(() => {
  vi.useFakeTimers();
  keys = [];
  session.value = { kind: 'member', account: { id: 'a', username: 'ann' } as Account };
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** The network answers so, one after the other; null breaks off. */
function answers(...told: ([number, object] | null)[]): void {
  vi.stubGlobal('fetch', (_: string, request: { headers: Headers }) => {
    keys.push(request.headers.get('Idempotency-Key'));
    const next = told.shift();
    if (!next) return Promise.reject(new TypeError('network'));
    return Promise.resolve(new Response(JSON.stringify(next[1]), { status: next[0] }));
  });
}

async function say(thread: Thread, key: string): Promise<ShownComment | undefined> {
  const done = thread.say('hello', key);
  await vi.runAllTimersAsync();
  await done;
  return thread.comments.value[0];
}

const comment = { id: 'c', video_id: VIDEO, text: 'hello' };

test('a comment whose answer was lost is sent again with its key', async () => {
  answers(null, [409, { code: 'in_progress' }], [201, comment]);
  const thread = new Thread(VIDEO);
  expect(await say(thread, 'k')).toMatchObject({ id: 'c', state: 'said' });
  expect(keys).toEqual(['k', 'k', 'k']);
  expect(thread.comments.value).toHaveLength(1);
});

test('a comment that did not get through keeps its key for the next try', async () => {
  answers(null, [503, { code: 'unavailable' }], null);
  expect(await say(new Thread(VIDEO), 'k')).toMatchObject({ id: 'k', state: 'failed' });
  expect(keys).toEqual(['k', 'k', 'k']);
});

test('a comment that was refused is a new one at the next try', async () => {
  answers([409, { code: 'not_playable' }], [201, comment]);
  const thread = new Thread(VIDEO);
  const failed = await say(thread, 'k');
  expect(failed?.state).toBe('failed');
  expect(failed?.id).not.toBe('k');
  expect(await say(thread, failed?.id ?? '')).toMatchObject({ id: 'c', state: 'said' });
  expect(keys).toEqual(['k', failed?.id]);
  expect(thread.comments.value).toHaveLength(1);
});

const said = (id: string) => ({ id, state: 'said' }) as ShownComment;

test('a page below repeats nothing that is shown', () => {
  expect(merged([said('c'), said('b')], [said('b'), said('a')]).map((one) => one.id)).toEqual([
    'c',
    'b',
    'a',
  ]);
});

const ids = (comments: readonly ShownComment[]) => comments.map((one) => one.id).join('');

function from(
  author: string,
  id: string,
  text: string,
  state: ShownComment['state'] = 'said',
): ShownComment {
  return { id, text, state, author: { id: author } } as ShownComment;
}

test('a comment that was heard of comes first, once', () => {
  const shown = [from('ann', 'a', 'one')];
  expect(ids(withHeard(shown, from('ben', 'b', 'two')))).toBe('ba');
  expect(withHeard(shown, from('ann', 'a', 'one'))).toBe(shown);
});

test('of our own one that is being sent we hear nothing new', () => {
  const shown = [from('ann', 'key', 'one', 'sending')];
  expect(withHeard(shown, from('ann', 'a', 'one'))).toBe(shown);
  expect(ids(withHeard(shown, from('ben', 'b', 'one')))).toBe('bkey');
  const failed = [from('ann', 'key', 'one', 'failed')];
  expect(ids(withHeard(failed, from('ann', 'a', 'one')))).toBe('akey');
});

test('read anew it shows what came, and not what is gone', () => {
  const shown = [said('e'), said('d'), said('c'), said('b'), said('a')];
  expect(ids(reread(shown, shown, [said('g'), said('e'), said('c')]))).toBe('gec');
  expect(reread(shown, shown, [])).toEqual([]);
});

test('what came and went while it was asked for is newer than the answer', () => {
  const before = [said('b'), said('a')];
  const shown = [said('c'), said('a')];
  expect(ids(reread(before, shown, before))).toBe('ca');
});

test('what we are saying ourselves stays', () => {
  const shown = [from('ann', 'key', 'one', 'sending'), from('ann', 'x', 'no', 'failed'), said('a')];
  expect(ids(reread(shown, shown, [said('b')]))).toBe('keyxb');
});

/** A page of the server's answer, and where the next one begins. */
function page(names: string, next_cursor: string | null): [number, object] {
  const items = names.split(' ').map((id) => ({ id, author: { id: `by-${id}` } }));
  return [200, { items, next_cursor }];
}

test('it is read anew as far down as it is shown, and goes on below that', async () => {
  answers(
    page('f e', 'e'),
    page('d c', 'c'),
    page('g f', 'f'),
    page('d c', 'c'),
    page('b a', null),
  );
  const thread = new Thread(VIDEO);
  await thread.show();
  await thread.more();
  expect(ids(thread.comments.value)).toBe('fedc');
  await thread.show();
  expect(ids(thread.comments.value)).toBe('gfdc');
  expect(thread.whole).toBeNull();
  await thread.more();
  expect(ids(thread.comments.value)).toBe('gfdcba');
  expect(thread.whole).toBe(6);
});

test('what is shown stays when it cannot be read anew', async () => {
  answers(page('b a', null), [404, { code: 'not_found' }]);
  const thread = new Thread(VIDEO);
  await thread.show();
  await thread.show();
  expect(ids(thread.comments.value)).toBe('ba');
  expect(thread.whole).toBe(2);
});

test('of whom we block nothing stays', async () => {
  answers(page('c b a', null));
  const thread = new Thread(VIDEO);
  await thread.show();
  thread.forgetAuthor('by-b');
  expect(ids(thread.comments.value)).toBe('ca');
  expect(thread.whole).toBe(2);
});

test('one that comes back stands where it stood', () => {
  const [newest, middle, oldest] = ['c3', 'c2', 'c1'].map(
    (id) => ({ id, state: 'said' }) as ShownComment,
  );
  if (!newest || !middle || !oldest) throw new Error('three');
  expect(withBack([newest, oldest], middle)).toEqual([newest, middle, oldest]);
  expect(withBack([newest, middle], oldest)).toEqual([newest, middle, oldest]);
  expect(withBack([middle], middle)).toEqual([middle]);
});
