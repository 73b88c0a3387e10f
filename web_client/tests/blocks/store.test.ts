import { afterEach, expect, test, vi } from 'vitest';
import type { User } from '../../src/api/types';
import { isBlocked, learnBlocked, setBlocked } from '../../src/blocks/store';
import { keepUser } from '../../src/follows/store';
import { dismissToast, toasts } from '../../src/kit/toast';

afterEach(() => {
  toasts.value.forEach(({ id }) => dismissToast(id));
  vi.unstubAllGlobals();
});

const user = (id: string) => ({ id, username: id, viewer: null }) as User;

test('a list from before the end of a block does not bring the block back', async () => {
  let answer: (response: Response) => void = () => undefined;
  vi.stubGlobal('fetch', (address: string, { method }: { method: string }) => {
    if (address.includes('/me/blocks?')) return new Promise((resolve) => (answer = resolve));
    return Promise.resolve(
      method === 'GET'
        ? new Response(JSON.stringify(user('ben')))
        : new Response(null, { status: 204 }),
    );
  });
  const learning = learnBlocked();
  await setBlocked(keepUser(user('ben')), false);
  answer(new Response(JSON.stringify({ items: [user('ben'), user('cat')], next_cursor: null })));
  await learning;
  expect([isBlocked('ben'), isBlocked('cat')]).toEqual([false, true]);
});
