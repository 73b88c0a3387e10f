/**
 * Which tiles of a grid show their moving pictures: the one under the pointer or with the focus, on phones the row in the middle
 * of the screen. A few at once, soon over on phones, and never where things shall not move or data is spared.
 */
import { computed, effect, signal } from '@preact/signals';
import { reducedMotion } from '../kit/motion';
import { dataSaver } from '../playback/saving';

/** Whoever scrolls past or crosses a tile with the pointer does not want it. */
const DWELL_MS = 220;
/** What moves by itself ends within five seconds (WCAG 2.2.2). */
const BY_ITSELF_MS = 4_800;
/** A line across the middle of the screen: one row of tiles crosses it. */
const MIDDLE = '-49.5% 0px -50% 0px';
const MOST_AT_ONCE = 3;

const NOTHING: ReadonlySet<string> = new Set();

/** The videos whose tiles move. */
export const moving = signal(NOTHING);

const seen = signal(document.visibilityState === 'visible');
document.addEventListener(
  'visibilitychange',
  () => (seen.value = document.visibilityState === 'visible'),
);

/** May anything move just now? */
export const mayMove = computed(() => seen.value && !reducedMotion.value && !dataSaver.value);

effect(() => {
  if (!mayMove.value) stop();
});

let timer: ReturnType<typeof setTimeout> | undefined;

/** A tile is pointed at or has the focus: it moves in a moment, and nothing else. */
export function want(id: string): void {
  later([id]);
}

/** It is left. */
export function leave(id: string): void {
  clearTimeout(timer);
  if (moving.peek().has(id)) stop();
}

/** Nothing moves any more. */
export function stop(): void {
  clearTimeout(timer);
  moving.value = NOTHING;
}

/**
 * Has the tiles in the middle of the screen move, where there is no pointer that could hover. Tiles tell their video by
 * `data-preview`; ends by the function that it answers.
 */
export function followMiddle(tiles: Iterable<Element>): () => void {
  if (!matchMedia('(hover: none)').matches) return stop;
  const there = new Set<string>();
  const observer = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes) {
        const id = (target as HTMLElement).dataset.preview ?? '';
        if (isIntersecting) there.add(id);
        else there.delete(id);
      }
      later([...there], BY_ITSELF_MS);
    },
    { rootMargin: MIDDLE },
  );
  for (const tile of tiles) observer.observe(tile);
  return () => {
    observer.disconnect();
    stop();
  };
}

function later(ids: readonly string[], forMs?: number): void {
  stop();
  if (!mayMove.peek() || ids.length === 0) return;
  timer = setTimeout(() => {
    moving.value = new Set(ids.slice(0, MOST_AT_ONCE));
    if (forMs !== undefined) timer = setTimeout(stop, forMs);
  }, DWELL_MS);
}
