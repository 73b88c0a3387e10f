/** Less motion: as the system says, or because the person says so here. `data-motion` on <html> tells it to the styles. */
import { computed, effect, signal } from '@preact/signals';

export type Motion = 'system' | 'reduced';

const KEPT = 'reelwire.motion';
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
  if (chosen === 'system') localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, chosen);
}

function keptMotion(): Motion {
  const kept = typeof localStorage === 'undefined' ? null : localStorage.getItem(KEPT);
  return kept === 'reduced' ? 'reduced' : 'system';
}
