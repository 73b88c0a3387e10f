/** Whose menu is open, and which part of it. */
import { signal } from '@preact/signals';

export type MenuPart = 'acts' | 'report' | 'thanks';

export const menu = signal<{ videoId: string; part: MenuPart } | null>(null);

export function openClipMenu(videoId: string): void {
  menu.value = { videoId, part: 'acts' };
}

export function closeClipMenu(): void {
  menu.value = null;
}

/** Thanks for a report of this video, unless its menu was closed, or is another one's, by the time it is answered. */
export function thankFor(videoId: string): void {
  if (menu.peek()?.videoId === videoId) menu.value = { videoId, part: 'thanks' };
}
