/** Something on a strip that is moved along it by finger, mouse and keyboard (the slider pattern of ARIA). */
import { fineClock } from '../kit/numbers';
import { useDrag } from './drag';

const STEP_MS = 100;
const LEAP_MS = 1_000;

interface HandleProps {
  /** What it looks like. */
  look: 'start' | 'end' | 'frame' | 'unmoved-frame';
  label: string;
  valueMs: number;
  /** Of the whole strip. */
  durationMs: number;
  onMove: (toMs: number) => void;
  /** It was let go. */
  onRest: () => void;
}

export function Handle({ look, label, valueMs, durationMs, onMove, onRest }: HandleProps) {
  const drag = useDrag({ valueMs, durationMs, onMove, onRest });
  return (
    <div
      {...drag}
      class={`handle handle-${look}`}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={Math.round(durationMs)}
      aria-valuenow={Math.round(valueMs)}
      aria-valuetext={fineClock(valueMs)}
      style={{ left: `${(valueMs / durationMs) * 100}%` }}
      onKeyDown={(event) => {
        const to = reached(event, valueMs, durationMs);
        if (to === null) return;
        event.preventDefault();
        onMove(to);
      }}
      onKeyUp={onRest}
    />
  );
}

/** Where a key leads; null for other keys. */
export function reached(
  { key, shiftKey }: { key: string; shiftKey: boolean },
  valueMs: number,
  durationMs: number,
): number | null {
  const step = shiftKey ? LEAP_MS : STEP_MS;
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return valueMs - step;
    case 'ArrowRight':
    case 'ArrowUp':
      return valueMs + step;
    case 'PageDown':
      return valueMs - LEAP_MS;
    case 'PageUp':
      return valueMs + LEAP_MS;
    case 'Home':
      return 0;
    case 'End':
      return durationMs;
    default:
      return null;
  }
}
