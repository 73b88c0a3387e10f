/** Everybody this page has met, once, and whether we follow them. */
import { type Signal, signal } from '@preact/signals';
import { askToJoin } from '../accounts/join';
import { me } from '../accounts/session';
import { call } from '../api/call';
import type { User } from '../api/types';
import { changedSince, tick } from '../kit/moments';
import { optimistic } from '../kit/optimistic';
import { words } from '../words/words';

const known = new Map<string, Signal<User>>();
let onChange: () => void = () => undefined;

/** Calls back after a follow or an unfollow was accepted: the Following feed is another one then. */
export function onFollowChange(changed: () => void): void {
  onChange = changed;
}

/** Takes over what an answer said, unless it answers a question `asked` before we followed or unfollowed. */
export function keepUser(user: User, asked = tick()): Signal<User> {
  const held = known.get(user.id);
  if (!held) {
    const fresh = signal(user);
    known.set(user.id, fresh);
    return fresh;
  }
  const { viewer, counts } = held.value;
  held.value = changedSince(user.id, asked) ? { ...user, viewer, counts } : user;
  return held;
}

export function knownUser(id: string): Signal<User> | undefined {
  return known.get(id);
}

/** By id or username. */
export async function fetchUser(idOrName: string): Promise<Signal<User>> {
  const asked = tick();
  return keepUser(await call('GET', '/users/{user}', { path: { user: idOrName } }), asked);
}

/** Follows or unfollows; on the screen at once, taken back when the server refuses. */
export async function setFollowing(user: Signal<User>, following: boolean): Promise<void> {
  if (askToJoin(words.value.people.toFollow)) return;
  await change(user.value.id, following);
}

const change = optimistic({
  shown: isFollowed,
  show: paint,
  send: async (id, following) => {
    const request = { path: { user: id }, repeatable: true };
    await call(following ? 'PUT' : 'DELETE', '/me/following/{user}', request);
    onChange();
    return following;
  },
  reread: fetchUser,
});

export function isMe(id: string): boolean {
  return me.value?.id === id;
}

function isFollowed(id: string): boolean {
  return known.get(id)?.value.viewer?.following ?? false;
}

function paint(id: string, following: boolean): void {
  const user = known.get(id);
  if (!user || isFollowed(id) === following) return;
  const { counts } = user.value;
  user.value = {
    ...user.value,
    viewer: { following },
    counts: { ...counts, followers: Math.max(0, counts.followers + (following ? 1 : -1)) },
  };
}
