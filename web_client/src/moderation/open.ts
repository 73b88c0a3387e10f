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
