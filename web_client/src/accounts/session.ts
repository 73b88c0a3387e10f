/** Who is logged in, and the ways in and out. */
import { computed, signal } from '@preact/signals';
import { call } from '../api/call';
import { send } from '../api/send';
import type { Account, SessionAnswer } from '../api/types';
import { pauseMs, waited } from '../kit/backoff';
import { hearTabs, tellTabs } from './tabs';
import { adoptGrant, dropGrant, type Grant, keepGrant, onSessionEnd, renewedGrant } from './tokens';

export type Session =
  | { kind: 'starting'; unreachable: boolean }
  | { kind: 'guest' }
  | { kind: 'member'; account: Account };

export interface NewAccount {
  username: string;
  email: string;
  password: string;
}

/** A hint and no secret: with it the page asks for a session at start, without it a guest's page asks nothing. */
const HINT = 'reelwire.member';

export const session = signal<Session>({ kind: 'starting', unreachable: false });
export const me = computed(() => (session.value.kind === 'member' ? session.value.account : null));

/** Finds out at page load who this is; goes on trying while the server cannot be reached. */
export async function startSession(): Promise<void> {
  onSessionEnd(over);
  hearTabs((word) => {
    if (word.say === 'ended') over();
    else heardGrant(word.grant);
  });
  if (localStorage.getItem(HINT) === null) {
    session.value = { kind: 'guest' };
    return;
  }
  for (let attempt = 1; session.value.kind === 'starting'; attempt++) {
    try {
      const grant = await renewedGrant(null);
      if (grant) enter(grant.account);
      else forget();
    } catch {
      session.value = { kind: 'starting', unreachable: true };
      await waited(pauseMs(attempt));
    }
  }
}

export async function signUp(form: NewAccount): Promise<void> {
  enter(keepGrant(await send<SessionAnswer>('POST', '/accounts', { body: form })).account);
}

export async function logIn(login: string, password: string): Promise<void> {
  enter(
    keepGrant(await send<SessionAnswer>('POST', '/sessions', { body: { login, password } }))
      .account,
  );
}

/** Ends the session on the server and in every tab. */
export async function logOut(): Promise<void> {
  await call('DELETE', '/sessions/current');
  tellTabs({ say: 'ended' });
  leave('/');
}

/** Takes over changes of one's own account. */
export function accountChanged(account: Account): void {
  session.value = { kind: 'member', account };
}

/** The session ended without our doing: a member's page starts afresh at the log-in. */
export function over(): void {
  if (session.value.kind === 'member') leave('/log-in#ended');
  else if (session.value.kind === 'starting') forget();
}

/** A fresh page forgets everything that this one knew. */
function leave(to: string): void {
  forget();
  location.assign(to);
}

function enter(account: Account): void {
  localStorage.setItem(HINT, account.id);
  session.value = { kind: 'member', account };
}

function forget(): void {
  localStorage.removeItem(HINT);
  dropGrant();
  session.value = { kind: 'guest' };
}

function heardGrant(grant: Grant): void {
  const now = session.value;
  // Another tab logged in, as us or as somebody else: a fresh page is the honest way over.
  if (now.kind === 'guest' || (now.kind === 'member' && now.account.id !== grant.account.id))
    location.reload();
  else adoptGrant(grant);
}
