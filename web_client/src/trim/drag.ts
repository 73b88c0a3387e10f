/** Moving something along a strip with a finger or a mouse. */
import { useRef } from 'preact/hooks';

interface Drag {
  valueMs: number;
  /** Of the whole strip. */
  durationMs: number;
  onMove: (toMs: number) => void;
  /** It was let go. */
  onRest: () => void;
}

type Moved = PointerEvent & { currentTarget: HTMLElement };

/** Pointer handlers for a child of the strip. */
export function useDrag({ valueMs, durationMs, onMove, onRest }: Drag) {
  /** Where on the thing the finger is, so that it does not jump under it. */
  const grip = useRef<number | null>(null);
  const at = ({ clientX, currentTarget }: Moved) => {
    const strip = currentTarget.parentElement?.getBoundingClientRect();
    return strip?.width ? ((clientX - strip.left) / strip.width) * durationMs : null;
  };
  const settle = () => {
    if (grip.current === null) return;
    grip.current = null;
    onRest();
  };
  return {
    onPointerDown: (event: Moved) => {
      const now = at(event);
      if (now === null || event.button !== 0) return;
      grip.current = now - valueMs;
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: Moved) => {
      const now = at(event);
      if (grip.current !== null && now !== null) onMove(now - grip.current);
    },
    onPointerUp: settle,
    onPointerCancel: settle,
  };
}
