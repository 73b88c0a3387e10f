/** Choosing the part that is posted: two ends on the strip, what lies between them, and how long that is. */
import { clock } from '../kit/numbers';
import { words } from '../words/words';
import { useDrag } from './drag';
import { Handle } from './handle';
import {
  type Bounds,
  isWhole,
  lengthOf,
  movedTo,
  type TrimRange,
  wholeOf,
  withEnd,
  withStart,
} from './range';

interface TrimmerProps {
  range: TrimRange;
  bounds: Bounds;
  /** `lookAtMs` is the moment to look at meanwhile. */
  onRange: (range: TrimRange, lookAtMs: number) => void;
  /** It was let go. */
  onRest: () => void;
}

/** Lies on the strip. */
export function TrimHandles({ range, bounds, onRange, onRest }: TrimmerProps) {
  const says = words.value.trim;
  const { durationMs } = bounds;
  const { startMs, endMs } = range;
  const shared = { durationMs, onRest };
  const moved = (next: TrimRange) => onRange(next, next.startMs);
  const drag = useDrag({
    ...shared,
    valueMs: startMs,
    onMove: (to) => moved(movedTo(range, to, bounds)),
  });
  const before = share(startMs, durationMs);
  const after = share(durationMs - endMs, durationMs);
  return (
    <>
      <i class="strip-out" style={{ left: 0, width: before }} />
      <i class="strip-out" style={{ right: 0, width: after }} />
      <i {...drag} class="strip-part" style={{ left: before, right: after }} />
      <Handle
        {...shared}
        look="start"
        label={says.start}
        valueMs={startMs}
        onMove={(to) => moved(withStart(range, to, bounds))}
      />
      <Handle
        {...shared}
        look="end"
        label={says.end}
        valueMs={endMs}
        onMove={(to) => {
          const next = withEnd(range, to, bounds);
          onRange(next, next.endMs);
        }}
      />
    </>
  );
}

/** Stands below it: how long the part is, and the way back to all of it. */
export function TrimNote({ range, bounds, onRange, onRest }: TrimmerProps) {
  const says = words.value.trim;
  const { durationMs, mostMs } = bounds;
  const whole = wholeOf(bounds);
  const changed = range.startMs !== whole.startMs || range.endMs !== whole.endMs;
  const length = isWhole(range, durationMs)
    ? says.hint
    : says.part(clock(lengthOf(range)), clock(durationMs));
  return (
    <p class="strip-note" role="status">
      <span>{durationMs > mostMs ? `${length} · ${says.most(clock(mostMs))}` : length}</span>
      {changed && (
        <button
          type="button"
          onClick={() => {
            onRange(whole, whole.startMs);
            onRest();
          }}
        >
          {says.whole}
        </button>
      )}
    </p>
  );
}

function share(ms: number, of: number): string {
  return `${(ms / of) * 100}%`;
}
