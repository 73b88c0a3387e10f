/** The one live session of this page, and who hears what it says. */
import { signal } from '@preact/signals';
import { accessToken, renewed } from '../accounts/tokens';
import { over } from '../accounts/session';
import { call } from '../api/call';
import type { View } from '../api/types';
import { online } from '../kit/online';
import { LiveClient, type LiveState } from './client';
import type { LiveEventName, LiveEvents } from './messages';

type Listener = (data: never) => void;

export const liveState = signal<LiveState>('stopped');
/** How often a session was opened: whoever shows what events without position change asks again when it grows. */
export const openings = signal(0);

const listeners = new Map<LiveEventName, Set<Listener>>();
const gapListeners = new Set<() => void>();
const watchListeners = new Set<(videoId: string) => void>();

const client = new LiveClient({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/live`,
  ticket,
  token: async () => renewed((await accessToken()) ?? ''),
  onState: (state) => {
    liveState.value = state;
    if (state === 'open') openings.value++;
  },
  onEvent: (name, data) => listeners.get(name)?.forEach((listener) => listener(data as never)),
  onWatching: (id) => watchListeners.forEach((listener) => listener(id)),
  onGap: () => gapListeners.forEach((listener) => listener()),
  onRevoked: over,
});

/** Calls back for every such event; the answer ends that. */
export function onLive<Name extends LiveEventName>(
  name: Name,
  listener: (data: LiveEvents[Name]) => void,
): () => void {
  const heard = listeners.get(name) ?? new Set<Listener>();
  listeners.set(name, heard.add(listener));
  return () => heard.delete(listener);
}

/** Calls back when more was missed than can be replayed. */
export function onGap(listener: () => void): void {
  gapListeners.add(listener);
}

/** Opens the session; from `position` on (a feed's, or null for now) nothing is missed. */
export function startLive(position: string | null): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') client.wake();
  });
  client.start(position);
  online.subscribe((there) => (there ? client.wake() : client.offline()));
}

/** Hears of a video's comments and counts; the answer ends that. */
export function watchVideo(id: string): () => void {
  client.watch(id);
  return () => client.unwatch(id);
}

/**
 * Calls back when a video is watched, at first and after each break: what is shown of it may be old. The answer ends that.
 */
export function onWatching(listener: (videoId: string) => void): () => void {
  watchListeners.add(listener);
  return () => void watchListeners.delete(listener);
}

/** Tells the server what was watched; false when no session is open. */
export function sayViews(views: readonly View[]): boolean {
  return client.view(views);
}

async function ticket(renew: boolean): Promise<string | null> {
  const token = await accessToken();
  if (token === null || (renew && (await renewed(token)) === null)) return null;
  return (await call('POST', '/live/tickets')).ticket;
}
