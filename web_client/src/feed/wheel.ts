/** Wheels and trackpads: one video a turn, however long a trackpad goes on rolling after the fingers have left it. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** So much silence ends a turn. */
const QUIET_MS = 160;
/** So far it has to be turned (CSS pixels); less is a trembling hand. */
const LEAST_PX = 24;
/** Rolling out gets slower all the time: what speeds up again by this much is another turn. */
const SPEEDS_UP = 1.6;
/** Not so soon after the last one, and not from so little. */
const AGAIN_AFTER_MS = 250;
const AGAIN_FROM_PX = 40;

export class WheelTurns {
  #lastAt = Number.NEGATIVE_INFINITY;
  #turnedAt = Number.NEGATIVE_INFINITY;
  #turned: -1 | 0 | 1 = 0;
  #sum = 0;
  #lastPx = 0;

  /** The wheel moved by `px` at this moment (ms): how many videos to go. */
  turn(px: number, at: number): -1 | 0 | 1 {
    const quiet = at - this.#lastAt >= QUIET_MS;
    const speed = Math.abs(px);
    const spedUp =
      at - this.#turnedAt >= AGAIN_AFTER_MS &&
      speed >= AGAIN_FROM_PX &&
      speed > this.#lastPx * SPEEDS_UP;
    const turnedRound = this.#turned !== 0 && px * this.#turned < 0;
    this.#lastAt = at;
    this.#lastPx = speed;
    if (quiet || spedUp || turnedRound) {
      this.#turned = 0;
      this.#sum = 0;
    }
    if (this.#turned !== 0) return 0;
    this.#sum += px;
    if (Math.abs(this.#sum) < LEAST_PX) return 0;
    this.#turnedAt = at;
    this.#turned = this.#sum > 0 ? 1 : -1;
    return this.#turned;
  }
}

const LINE_PX = 40;

/** Takes the wheel over the feed; what scrolls by itself in it, and zooming, are left alone. */
export function useWheel(
  scroller: RefObject<HTMLElement | null>,
  move: (by: number) => void,
): void {
  const turns = useRef(new WheelTurns());
  const latest = useRef(move);
  latest.current = move;
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const wheel = (event: WheelEvent) => {
      if (event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY) || scrolls(event))
        return;
      event.preventDefault();
      const px =
        event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * LINE_PX;
      const by = turns.current.turn(px, event.timeStamp);
      if (by !== 0) latest.current(by);
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [scroller]);
}

function scrolls({ target }: WheelEvent): boolean {
  const words = target instanceof Element && target.closest('.caption-words');
  return words instanceof HTMLElement && words.scrollHeight > words.clientHeight + 1;
}
