/** A curve of numbers: drawn for the eye, and as a table for everybody. The pointer tells single values. */
import { useSignal } from '@preact/signals';
import { words } from '../words/words';
import { areaOf, lineOf, nearest, pointsOf } from './shape';
import './curve.css';

/** Of the drawing; it is stretched to its place. */
const WIDTH = 600;
const HEIGHT = 160;

export interface CurveValue {
  /** Where it stands: a day, a part of a video. */
  at: string;
  value: number;
  /** The value as people read it. */
  words: string;
}

interface CurveProps {
  title: string;
  note: string;
  values: readonly CurveValue[];
  /** What the top of the chart stands for, and how that is read. */
  most: number;
  mostWords: string;
  /** What `at` and `value` are, in the table. */
  columns: readonly [string, string];
}

export function Curve({ title, note, values, most, mostWords, columns }: CurveProps) {
  const looked = useSignal<number | null>(null);
  const points = pointsOf(
    values.map(({ value }) => value),
    most,
    WIDTH,
    HEIGHT,
  );
  const shown = looked.value === null ? undefined : values[looked.value];
  const dot = looked.value === null ? undefined : points[looked.value];
  const look = (event: PointerEvent) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    looked.value = nearest(values.length, (event.clientX - left) / Math.max(1, width));
  };
  return (
    <figure class="curve">
      <figcaption>
        <b>{title}</b>
        <small>{shown ? `${shown.at}: ${shown.words}` : note}</small>
      </figcaption>
      <div
        class="curve-drawing"
        aria-hidden="true"
        onPointerMove={look}
        onPointerDown={look}
        onPointerLeave={() => (looked.value = null)}
      >
        <span class="curve-most">{mostWords}</span>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
          <path
            class="curve-rule"
            d={`M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}`}
          />
          <path class="curve-area" d={areaOf(points, HEIGHT)} />
          <path class="curve-line" d={lineOf(points)} />
          {dot && <path class="curve-look" d={`M${dot.x} 0V${HEIGHT}`} />}
          {/* A line without length: it stays round, however the drawing is stretched. */}
          {dot && <path class="curve-dot" d={`M${dot.x} ${dot.y}h0`} />}
        </svg>
      </div>
      <p class="curve-ends" aria-hidden="true">
        <span>{values.at(0)?.at}</span>
        <span>{values.at(-1)?.at}</span>
      </p>
      <details>
        <summary>{words.value.creator.asTable}</summary>
        <div class="curve-table scroller" tabIndex={0} role="region" aria-label={title}>
          <table>
            <thead>
              <tr>
                <th scope="col">{columns[0]}</th>
                <th scope="col">{columns[1]}</th>
              </tr>
            </thead>
            <tbody>
              {values.map(({ at, words: said }, row) => (
                <tr key={row}>
                  <th scope="row">{at}</th>
                  <td>{said}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
