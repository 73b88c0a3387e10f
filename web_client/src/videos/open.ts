/** Which video of one's own is open, to be changed or deleted. */
import { signal } from '@preact/signals';

export const ownVideo = signal<string | null>(null);

export function openOwnVideo(id: string): void {
  ownVideo.value = id;
}

export function closeOwnVideo(): void {
  ownVideo.value = null;
}
