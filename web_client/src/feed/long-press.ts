/** A finger that rests on a clip asks for its menu; one that moves scrolls. */
import { useRef } from 'preact/hooks';
import { buzz } from './buzz';

const RESTS_MS = 500;
const MOVES_PX = 10;

/** Handlers for what is pressed. */
export function useLongPress(act: () => void) {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const from = useRef({ x: 0, y: 0 });
  const pressed = useRef(false);
  const end = () => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = null;
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      pressed.current = false;
      end();
      if (event.pointerType === 'mouse' || !event.isPrimary) return;
      from.current = { x: event.clientX, y: event.clientY };
      timer.current = setTimeout(() => {
        timer.current = null;
        pressed.current = true;
        swallowClick();
        buzz();
        act();
      }, RESTS_MS);
    },
    onPointerMove: ({ clientX, clientY }: PointerEvent) => {
      if (Math.hypot(clientX - from.current.x, clientY - from.current.y) > MOVES_PX) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    // The browser's own menu of a finger; that of a mouse stays.
    onContextMenu: (event: MouseEvent) => {
      if (timer.current !== null || pressed.current) event.preventDefault();
    },
  };
}

/** The click with which the finger leaves means nothing, wherever it falls by then. */
function swallowClick(): void {
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener('click', swallow, { capture: true, once: true });
  const next = () => removeEventListener('click', swallow, { capture: true });
  addEventListener('pointerdown', next, { capture: true, once: true });
}
