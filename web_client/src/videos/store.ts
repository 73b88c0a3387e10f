/** Every video that this page has heard of, once: feeds, grids and the socket all change the same signal. */
import { type Signal, signal } from '@preact/signals';
import { call } from '../api/call';
import { refusedWith } from '../api/problem';
import type { Video } from '../api/types';
import { changedSince, tick } from '../kit/moments';
import { bandwidthQuery } from '../playback/bandwidth';

const known = new Map<string, Signal<Video>>();

/**
 * Takes over what an answer or an event said. An event's missing `viewer` does not erase what we know, nor does an
 * answer to a question that was `asked` before we liked or commented.
 */
export function keepVideo(video: Video, asked = tick()): Signal<Video> {
  const held = known.get(video.id);
  if (!held) {
    const fresh = signal(video);
    known.set(video.id, fresh);
    return fresh;
  }
  const { viewer, counts } = held.value;
  const ours = changedSince(video.id, asked) ? { viewer, counts } : {};
  held.value = { ...video, viewer: video.viewer ?? viewer, ...ours };
  return held;
}

/** The video, if this page has heard of it. */
export function knownVideo(id: string): Signal<Video> | undefined {
  return known.get(id);
}

/** Changes some fields of a video that we know; others are ignored. */
export function changeVideo(id: string, change: Partial<Video>): void {
  const held = known.get(id);
  if (held) held.value = { ...held.value, ...change };
}

/** Changes its counts, relative to what they are. */
export function addToCounts(id: string, change: Partial<Video['counts']>): void {
  const held = known.get(id);
  if (!held) return;
  const { views, likes, comments } = held.value.counts;
  changeVideo(id, {
    counts: {
      views: views + (change.views ?? 0),
      likes: Math.max(0, likes + (change.likes ?? 0)),
      comments: Math.max(0, comments + (change.comments ?? 0)),
    },
  });
}

const goneListeners = new Set<(id: string) => void>();

/** Calls back when a video turns out to be deleted, or no longer ours to see, until the answer is called. */
export function onVideoGone(listener: (id: string) => void): () => void {
  goneListeners.add(listener);
  return () => void goneListeners.delete(listener);
}

/** When each video, or all of an author, was last gone: by the video's id, or the author's. */
const goneAt = new Map<string, number>();

/** Is it gone since that tick, so that an answer to a question of then must not show it? */
export function goneSince(video: Video, asked: number): boolean {
  return [video.id, video.author.id].some((id) => (goneAt.get(id) ?? 0) > asked);
}

/** It is not to be seen any more: whatever lists it lets it go. */
export function videoGone(id: string): void {
  goneAt.set(id, tick());
  goneListeners.forEach((listener) => listener(id));
}

/** Nothing of this author is to be seen any more. */
export function authorGone(authorId: string): void {
  goneAt.set(authorId, tick());
  for (const video of known.values()) {
    if (video.peek().author.id === authorId) videoGone(video.peek().id);
  }
}

/** Asks the server for the video as it is now. */
export async function fetchVideo(id: string): Promise<Video> {
  try {
    const asked = tick();
    const video = await call('GET', '/videos/{id}', { path: { id }, query: bandwidthQuery() });
    return keepVideo(video, asked).value;
  } catch (error) {
    if (refusedWith(error, 'not_found')) videoGone(id);
    throw error;
  }
}
