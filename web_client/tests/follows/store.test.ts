import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { session } from '../../src/accounts/session';
import type { Account, User } from '../../src/api/types';
import { keepUser, onFollowChange, setFollowing } from '../../src/follows/store';
import { dismissToast, toasts } from '../../src/kit/toast';

let statuses: number[];
let accepted: number;
onFollowChange(() => accepted++);

beforeEach(() => {
  session.value = { kind: 'member', account: { id: 'a', username: 'ann' } as Account };
  accepted = 0;
  vi.stubGlobal('fetch', () => {
    const status = statuses.shift() ?? 204;
    return Promise.resolve(new Response(status === 204 ? null : '{}', { status }));
  });
});

afterEach(() => {
  toasts.value.forEach(({ id }) => dismissToast(id));
  vi.unstubAllGlobals();
});

const ben = () =>
  keepUser({
    id: 'b',
    viewer: { following: false },
    counts: { videos: 0, followers: 7, following: 0 },
  } as User);

test('a follow and its end that both fail leave the button as it was', async () => {
  statuses = [500, 500];
  const user = ben();
  const done = setFollowing(user, true);
  expect([user.value.viewer?.following, user.value.counts.followers]).toEqual([true, 8]);
  void setFollowing(user, false);
  await done;
  expect([user.value.viewer?.following, user.value.counts.followers]).toEqual([false, 7]);
  expect(accepted).toBe(0);
});

test('a follow that is accepted makes the feed another one', async () => {
  statuses = [];
  const user = ben();
  await setFollowing(user, true);
  expect([user.value.viewer?.following, accepted]).toEqual([true, 1]);
});
