/** The access token, in memory only, renewed by the HttpOnly cookie by one tab at a time and shared with the others. */
import { Problem, refusedWith } from '../api/problem';
import { send } from '../api/send';
import type { SessionAnswer } from '../api/types';
import { pauseMs, waited } from '../kit/backoff';
import { tellTabs } from './tabs';

export interface Grant {
  account: SessionAnswer['account'];
  token: string;
  /** Milliseconds since 1970 by this machine's clock. */
  expiresAt: number;
}

const RENEW_AHEAD_MS = 30_000;
const REFRESH_TRIES = 5;
const LOCK = 'reelwire.refresh';

let grant: Grant | null = null;
let renewing: Promise<Grant | null> | null = null;
let whenEnded: () => void = () => undefined;

/** Calls back when the server refuses to renew: the session was revoked, or has expired. */
export function onSessionEnd(end: () => void): void {
  whenEnded = end;
}

/** Keeps what signing up, logging in or refreshing answered, and hands it to the other tabs. */
export function keepGrant(answer: SessionAnswer): Grant {
  grant = {
    account: answer.account,
    token: answer.access_token,
    expiresAt: Date.now() + answer.expires_in * 1000,
  };
  tellTabs({ say: 'granted', grant });
  return grant;
}

/** Takes over what another tab was granted. */
export function adoptGrant(other: Grant): void {
  if (!grant || other.expiresAt > grant.expiresAt) grant = other;
}

/** Is there a token, be it an old one? */
export function isGranted(): boolean {
  return grant !== null;
}

export function dropGrant(): void {
  grant = null;
}

/** A token good for at least half a minute; null for guests. */
export async function accessToken(): Promise<string | null> {
  if (!grant) return null;
  return lasts(grant) ? grant.token : renewed(grant.token);
}

/** Another token than the refused one; null when the session is over. */
export async function renewed(refused: string): Promise<string | null> {
  return (await renewedGrant(refused))?.token ?? null;
}

/** Logs in by the cookie, as on a page load; null when there is no session. Throws Unreachable when nothing answers. */
export function renewedGrant(refused: string | null): Promise<Grant | null> {
  renewing ??= oneTabAtATime(() => refresh(refused)).finally(() => {
    renewing = null;
  });
  return renewing;
}

async function refresh(refused: string | null): Promise<Grant | null> {
  // While we waited for the lock another tab may have renewed it for all of us.
  if (grant && grant.token !== refused && lasts(grant)) return grant;
  for (let attempt = 1; ; attempt++) {
    try {
      // It outlives the page: a reload right now must not lose the rotated cookie, or the old one would look stolen.
      return keepGrant(await send('POST', '/sessions/refresh'));
    } catch (error) {
      if (refusedWith(error, 'refresh_in_progress') && attempt < REFRESH_TRIES)
        await waited(pauseMs(attempt));
      else if (error instanceof Problem && error.status === 401) return ended();
      else throw error;
    }
  }
}

function ended(): null {
  grant = null;
  tellTabs({ say: 'ended' });
  whenEnded();
  return null;
}

function lasts(of: Grant): boolean {
  return of.expiresAt - Date.now() > RENEW_AHEAD_MS;
}

/** Web Locks exist in secure contexts only; without them one refresh at a time holds for this tab alone. */
function oneTabAtATime(renew: () => Promise<Grant | null>): Promise<Grant | null> {
  return 'locks' in navigator ? navigator.locks.request(LOCK, renew) : renew();
}
