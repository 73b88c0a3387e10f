/** Whether keys of a single letter do something: speech input and trembling hands set them off unintentionally (WCAG 2.1.4). */
import { signal } from '@preact/signals';
import { keep, kept } from './kept';

const NAME = 'letters';

export const letterKeys = signal(kept(NAME) !== 'off');

export function setLetterKeys(on: boolean): void {
  letterKeys.value = on;
  keep(NAME, on ? null : 'off');
}

/** Is this one of them, and are they off? */
export function isLetterOff(key: string): boolean {
  return !letterKeys.value && /^\p{L}$/u.test(key);
}
