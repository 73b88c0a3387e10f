/** The finger on a sheet: it follows down, and leaves when it was let go far enough or fast enough. */
import { useEffect, useRef } from 'preact/hooks';
import { reducedMotion } from './motion';

const CLOSE_AFTER_PX = 90;
/** A flick closes from anywhere. */
const FLICK_PX_PER_MS = 0.5;
/** Until then a finger may be about to tap, or to scroll. */
const SLACK_PX = 6;
const LEAVE = { duration: 200, easing: 'cubic-bezier(0.4, 0, 1, 1)', fill: 'forwards' } as const;
const SETTLE = { duration: 240, easing: 'cubic-bezier(0.2, 0.8, 0.2, 1)' } as const;

/** What a finger does, from where it came down. */
export interface Drag {
  fromY: number;
  y: number;
  at: number;
  /** px/ms, downwards; of the last move. */
  speed: number;
}

/** The drag after another move. */
export function moved(drag: Drag, y: number, at: number): Drag {
  const ms = Math.max(1, at - drag.at);
  return { fromY: drag.fromY, y, at, speed: (y - drag.y) / ms };
}

/** How far the sheet is from its place: never above it. */
export function distance({ fromY, y }: Drag): number {
  return Math.max(0, y - fromY);
}

/** Was this a wish to close? */
export function closes(drag: Drag): boolean {
  const far = distance(drag);
  return far > SLACK_PX && (far > CLOSE_AFTER_PX ? drag.speed >= 0 : drag.speed > FLICK_PX_PER_MS);
}

interface Dialog {
  readonly current: HTMLDialogElement | null;
}

/** Touch handlers for the sheet's body, and the way out that everything else takes too. */
export function useDragDown(dialog: Dialog, onClose: () => void) {
  const drag = useRef<Drag | null>(null);
  const leaving = useRef(false);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });

  const leave = () => {
    if (leaving.current) return;
    leaving.current = true;
    slideOut(dialog.current, () => close.current());
  };
  const begin = (event: PointerEvent) => {
    if (!event.isPrimary || event.button !== 0 || leaving.current) return;
    if (grips(event.target))
      drag.current = { fromY: event.clientY, y: event.clientY, at: event.timeStamp, speed: 0 };
  };
  const move = (event: PointerEvent) => {
    if (!drag.current) return;
    drag.current = moved(drag.current, event.clientY, event.timeStamp);
    const far = distance(drag.current);
    if (far <= SLACK_PX) return;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    dialog.current?.style.setProperty('translate', `0 ${far}px`);
  };
  const end = (event: PointerEvent) => {
    const last = drag.current;
    drag.current = null;
    if (!last) return;
    if (event.type === 'pointerup' && closes(last)) leave();
    else settle(dialog.current, distance(last));
  };
  return {
    leave,
    drag: { onPointerDown: begin, onPointerMove: move, onPointerUp: end, onPointerCancel: end },
  };
}

/** The head moves the sheet; below it fingers scroll, type and tap. */
function grips(target: EventTarget | null): boolean {
  return target instanceof Element && !!target.closest('.sheet-head') && !target.closest('button');
}

function settle(dialog: HTMLDialogElement | null, far: number): void {
  if (!dialog) return;
  dialog.style.removeProperty('translate');
  if (far > 0 && !reducedMotion.peek())
    dialog.animate({ translate: [`0 ${far}px`, '0 0'] }, SETTLE);
}

function slideOut(dialog: HTMLDialogElement | null, then: () => void): void {
  if (!dialog || reducedMotion.peek()) {
    then();
    return;
  }
  const { translate } = getComputedStyle(dialog);
  const from = translate === 'none' ? '0 0' : translate;
  dialog.animate({ opacity: [1, 0] }, { ...LEAVE, pseudoElement: '::backdrop' });
  const last = dialog.animate({ translate: [from, '0 100%'] }, LEAVE);
  // Cancelled when the sheet is taken away meanwhile: then there is nothing to close.
  last.finished.then(then, () => undefined);
}
