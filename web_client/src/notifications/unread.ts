/** How many notifications are unread: when the socket says that something was done, the server is asked soon after. */
import { signal } from '@preact/signals';
import { call } from '../api/call';
import { waited } from '../kit/backoff';
import { onLive, openings } from '../live/live';

/** The server tells what was done within about a second; the second time is for one that has much to do. */
const TOLD_MS = [1500, 6000] as const;

/** 100 at the most. */
export const unread = signal(0);

let asking = false;

/** Asks now, after each break of the socket, and soon after it says that something was done. */
export function startCounting(): void {
  for (const name of ['follower.new', 'comment.on_yours', 'like.on_yours'] as const) {
    onLive(name, () => void grow());
  }
  openings.subscribe(() => void ask());
}

/** All is read up to this place of the list that was seen. */
export async function markRead(upTo: number): Promise<void> {
  await call('PUT', '/me/notifications/read', { body: { up_to: upTo }, repeatable: true });
  await ask();
}

async function grow(): Promise<void> {
  if (asking) return;
  asking = true;
  for (const pause of TOLD_MS) {
    await waited(pause);
    const before = unread.value;
    await ask();
    if (unread.value > before) break;
  }
  asking = false;
}

/** What is shown stays where the server cannot be asked. */
async function ask(): Promise<void> {
  try {
    unread.value = (await call('GET', '/me/notifications/unread')).unread;
  } catch {
    // It is asked again with the next event or opening.
  }
}
