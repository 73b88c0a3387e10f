/** Whom we have blocked, as far as this page has heard, and what changes with it. */
import { type Signal, signal } from '@preact/signals';
import { hearTabs, tellTabs } from '../accounts/tabs';
import { call } from '../api/call';
import type { Page, User } from '../api/types';
import { fetchUser, knownUser } from '../follows/store';
import { changed, changedSince, tick } from '../kit/moments';
import { tell, tellFailure, toast } from '../kit/toast';
import { authorGone } from '../videos/store';
import { words } from '../words/words';

const PAGE = 50;
/** Who has blocked more finds the others in the settings. */
const MOST_PAGES = 10;

const blocked = signal<ReadonlySet<string>>(new Set());
type Listener = (userId: string, block: boolean) => void;

const listeners = new Set<Listener>();
let learning: Promise<void> | null = null;

export function isBlocked(id: string): boolean {
  return blocked.value.has(id);
}

/** Calls back after a block began or ended: what was read before may hold too much, or too little. */
export function onBlockChange(listener: Listener): void {
  listeners.add(listener);
}

/** Takes over whom the server's list names, save those who were blocked or unblocked after it was `asked`. */
export function keepBlocked(users: readonly User[], asked: number): void {
  const named = users.map((user) => user.id).filter((id) => !changedSince(id, asked));
  blocked.value = new Set([...blocked.value, ...named]);
}

/** Asks the server once whom we have blocked; a failure is asked again by the next one who wants to know. */
export function learnBlocked(): Promise<void> {
  learning ??= readAll().catch(() => {
    learning = null;
  });
  return learning;
}

async function readAll(): Promise<void> {
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query: { limit: number; cursor: string | null } = { limit: PAGE, cursor };
    const asked = tick();
    const read: Page<User> = await call('GET', '/me/blocks', { query });
    keepBlocked(read.items, asked);
    cursor = read.next_cursor;
    if (cursor === null) return;
  }
}

/** Blocks, with a way back, or ends a block. */
export async function setBlocked(user: Signal<User>, block: boolean): Promise<void> {
  const { id, username } = user.value;
  try {
    await call(block ? 'PUT' : 'DELETE', '/me/blocks/{user}', { path: { user: id } });
  } catch (error) {
    tellFailure(error);
    return;
  }
  apply(id, block);
  tellTabs({ say: 'blocked', userId: id, block });
  const { blockedThem, unblockedThem, undo } = words.value.people;
  const name = `@${username}`;
  if (block)
    toast(blockedThem(name), {
      action: { label: undo, run: () => void setBlocked(user, false) },
    });
  else tell(unblockedThem(name));
  // Follows may have ended with it, in both directions: only the server has the counts.
  await fetchUser(id).catch(() => undefined);
}

/** What another tab blocks, or no longer does, holds here too. */
export function startHearingBlocks(): void {
  hearTabs((word) => {
    if (word.say !== 'blocked') return;
    apply(word.userId, word.block);
    if (knownUser(word.userId)) void fetchUser(word.userId).catch(() => undefined);
  });
}

function apply(id: string, block: boolean): void {
  const others = [...blocked.value].filter((other) => other !== id);
  blocked.value = new Set(block ? [...others, id] : others);
  changed(id);
  if (block) authorGone(id);
  listeners.forEach((listener) => listener(id, block));
}
