/** Whether videos are heard: a wish that is kept, and what the browser allows until the first tap. */
import { computed, signal } from '@preact/signals';
import { keep, kept } from '../kit/kept';

const NAME = 'sound';

/** What the person wants. */
const wanted = signal(kept(NAME) === 'on');
/** The browser refused to start with sound; any tap on the page may lift that. */
const refused = signal(false);

export const muted = computed(() => !wanted.value || refused.value);
/** The button says for a moment what it is for, once. */
export const soundHint = signal(true);

/** On or off, from a tap or a key. */
export function toggleSound(): void {
  const on = muted.value;
  wanted.value = on;
  refused.value = false;
  soundHint.value = false;
  keep(NAME, on ? 'on' : 'off');
}

/** The browser's autoplay policy wants a gesture first. */
export function soundRefused(): void {
  refused.value = true;
}
