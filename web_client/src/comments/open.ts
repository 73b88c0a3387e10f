/** Which video's comments are asked for: a sheet on a phone, the panel beside the video on a wide screen. */
import { signal } from '@preact/signals';
import { wide } from '../kit/screen';

/** The video whose sheet is open. */
export const openSheet = signal<string | null>(null);

export const FIELD_ID = 'comment-text';

export function openComments(videoId: string): void {
  if (wide.value) document.getElementById(FIELD_ID)?.focus();
  else openSheet.value = videoId;
}

export function closeComments(): void {
  openSheet.value = null;
}
