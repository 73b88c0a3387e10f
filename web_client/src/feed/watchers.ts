/** How many accounts watch the video on the screen just now, as the server tells it. */
import { signal } from '@preact/signals';
import type { Counts } from '../live/messages';

const told = signal<Pick<Counts, 'video_id' | 'watchers'> | null>(null);

/** Takes over what was told of the video on the screen; null: nobody tells it any more. */
export function keepWatchers(counts: Pick<Counts, 'video_id' | 'watchers'> | null): void {
  told.value = counts;
}

/** 0 where it is not known. */
export function watchersOf(videoId: string): number {
  return told.value?.video_id === videoId ? told.value.watchers : 0;
}
