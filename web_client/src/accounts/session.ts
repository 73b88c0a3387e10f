/** Who is logged in, and the ways in and out. */
import { computed, signal } from '@preact/signals';
import { call } from '../api/call';
import { dropEarly } from '../api/early';
import { send } from '../api/send';
import type { Account } from '../api/types';
import { pauseMs, waited } from '../kit/backoff';
import { waitedOrBack } from '../kit/online';
import { settled } from '../kit/undo';
import { forgetMember, keepMember, wasMember } from './hint';
import { hearTabs, type TabWord, tellTabs } from './tabs';
import {
  adoptGrant,
  dropGrant,
  type Grant,
  isGranted,
  keepGrant,
  onSessionEnd,
  renewedGrant,
} from './tokens';

export type Session =
  | { kind: 'starting'; unreachable: boolean }
  | { kind: 'guest' }
  | { kind: 'member'; account: Account };

export interface NewAccount {
  username: string;
  email: string;
  password: string;
}

/** Leaving waits no longer for what is still to be told to the server, or to be forgotten here. */
const SETTLED_WITHIN_MS = 5_000;

/** Where the person is logging out just now: then the end of the session is no surprise. */
let leaving: 'here' | 'elsewhere' | null = null;

let whenDeleted: (account: string) => Promise<void> = () => Promise.resolve();

export const session = signal<Session>({ kind: 'starting', unreachable: false });
export const me = computed(() => (session.value.kind === 'member' ? session.value.account : null));

/** Finds out at page load who this is; goes on trying while the server cannot be reached. */
export async function startSession(): Promise<void> {
  onSessionEnd(over);
  hearTabs(heard);
  if (!wasMember()) {
    if (isGranted())
      forget(); // another tab has logged out since the first question
    else session.value = { kind: 'guest' };
    return;
  }
  for (let attempt = 1; session.value.kind === 'starting'; attempt++) {
    try {
      const grant = await renewedGrant(null);
      if (grant) enter(grant.account);
      else forget();
    } catch {
      session.value = { kind: 'starting', unreachable: true };
      await waitedOrBack(pauseMs(attempt));
    }
  }
}

export async function signUp(form: NewAccount): Promise<void> {
  enter(keepGrant(await send('POST', '/accounts', { body: form })).account);
}

export async function logIn(login: string, password: string): Promise<void> {
  enter(keepGrant(await send('POST', '/sessions', { body: { login, password } })).account);
}

/** Ends the session on the server and in every tab, once what could still be taken back is done. */
export async function logOut(): Promise<void> {
  await settled(SETTLED_WITHIN_MS);
  return ending(() => call('DELETE', '/sessions/current'));
}

/** Deletes the account, which ends its sessions as well; then what is kept of it here goes. */
export function deleteAccount(password: string): Promise<void> {
  return ending(async () => {
    const { value: account } = me;
    await call('DELETE', '/me', { body: { password } });
    if (account) await Promise.race([whenDeleted(account.id), waited(SETTLED_WITHIN_MS)]);
  });
}

/** Calls back with the id of the account that was deleted here, for what this machine has kept of it. */
export function onAccountDeleted(forget: (account: string) => Promise<void>): void {
  whenDeleted = (account) => forget(account).catch(() => undefined);
}

async function ending(end: () => Promise<unknown>): Promise<void> {
  // Told first: the server closes the sockets of all tabs before it answers this one.
  leaving = 'here';
  tellTabs({ say: 'leaving' });
  try {
    await end();
  } catch (error) {
    leaving = null;
    tellTabs({ say: 'not-leaving' });
    throw error;
  }
  tellTabs({ say: 'ended' });
  leave('/welcome');
}

/** Takes over changes of one's own account. */
export function accountChanged(account: Account): void {
  session.value = { kind: 'member', account };
}

/** The session ended, without our doing or by another tab's: a member's page starts afresh at the log-in. */
export function over(): void {
  if (leaving === 'here') return;
  if (session.value.kind === 'member') leave(leaving ? '/log-in#left' : '/log-in#ended');
  else if (session.value.kind === 'starting') forget();
}

/** A fresh page forgets everything that this one knew. */
function leave(to: string): void {
  forget();
  location.assign(to);
}

function enter(account: Account): void {
  keepMember(account.id);
  session.value = { kind: 'member', account };
}

function forget(): void {
  forgetMember();
  dropGrant();
  dropEarly();
  session.value = { kind: 'guest' };
}

function heard(word: TabWord): void {
  switch (word.say) {
    case 'granted':
      heardGrant(word.grant);
      break;
    case 'leaving':
      leaving = 'elsewhere';
      break;
    case 'not-leaving':
      leaving = null;
      break;
    case 'ended':
      over();
  }
}

function heardGrant(grant: Grant): void {
  const now = session.value;
  // Another tab logged in, as us or as somebody else: a fresh page is the honest way over.
  if (now.kind === 'guest' || (now.kind === 'member' && now.account.id !== grant.account.id))
    location.reload();
  else adoptGrant(grant);
}
