/** Less motion: as the system says, or because the person says so here. `data-motion` on <html> tells it to the styles. */
import { computed, effect, signal } from '@preact/signals';
import { keep, kept } from './kept';

export type Motion = 'system' | 'reduced';

const NAME = 'motion';
// Logic that is tested without a browser comes by here as well.
const system =
  typeof matchMedia === 'undefined' ? null : matchMedia('(prefers-reduced-motion: reduce)');
const systemReduced = signal(system?.matches ?? false);

/** What the person chose. */
export const motion = signal<Motion>(keptMotion());

/** Nothing moves by itself: no previews that play, no shimmer, no sliding. */
export const reducedMotion = computed(() => motion.value === 'reduced' || systemReduced.value);

export function startMotion(): void {
  system?.addEventListener('change', () => (systemReduced.value = system.matches));
  effect(() => {
    document.documentElement.dataset.motion = reducedMotion.value ? 'reduced' : 'full';
  });
}

export function chooseMotion(chosen: Motion): void {
  motion.value = chosen;
  keep(NAME, chosen === 'system' ? null : chosen);
}

function keptMotion(): Motion {
  return kept(NAME) === 'reduced' ? 'reduced' : 'system';
}
