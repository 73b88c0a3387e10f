/** How many notifications are unread: what the socket says makes it grow, the server has the number. */
import { signal } from '@preact/signals';
import { call } from '../api/call';
import { onLive, openings } from '../live/live';

/** The server tells what was done within about a second. */
const TOLD_MS = 2000;

/** 100 at the most. */
export const unread = signal(0);

let timer: ReturnType<typeof setTimeout> | null = null;

/** Asks now, after each break of the socket, and soon after it says that something was done. */
export function startCounting(): void {
  for (const name of ['follower.new', 'comment.on_yours', 'like.on_yours'] as const) {
    onLive(name, grow);
  }
  openings.subscribe(() => void ask());
}

/** All is read up to this place of the list that was seen. */
export async function markRead(upTo: number): Promise<void> {
  await call('PUT', '/me/notifications/read', { body: { up_to: upTo }, repeatable: true });
  await ask();
}

function grow(): void {
  unread.value = Math.max(unread.value, 1);
  timer ??= setTimeout(() => {
    timer = null;
    void ask();
  }, TOLD_MS);
}

/** What is shown stays where the server cannot be asked. */
async function ask(): Promise<void> {
  try {
    unread.value = (await call<{ unread: number }>('GET', '/me/notifications/unread')).unread;
  } catch {
    // It is asked again with the next event or opening.
  }
}
