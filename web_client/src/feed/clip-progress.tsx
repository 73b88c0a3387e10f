/** How far the video has come: a line at the edge, that is dragged to another moment. */
import { useEffect, useRef } from 'preact/hooks';
import { clock } from '../kit/numbers';
import { words } from '../words/words';
import { SEEK_SECONDS, seekBy } from './playing';

const STEPS = 1000;

/** A browser's own step would be a thousandth of the video. */
const SEEKS: Readonly<Record<string, number>> = {
  ArrowLeft: -SEEK_SECONDS,
  ArrowDown: -SEEK_SECONDS,
  ArrowRight: SEEK_SECONDS,
  ArrowUp: SEEK_SECONDS,
};

interface ClipProgressProps {
  id: string;
  element: HTMLVideoElement;
  /** Its pictures move, so the line does. */
  moving: boolean;
}

export function ClipProgress({ id, element, moving }: ClipProgressProps) {
  const bar = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const paint = () => bar.current && show(bar.current, element);
    paint();
    element.addEventListener('seeked', paint);
    let frame = 0;
    const paintAlways = () => {
      paint();
      frame = requestAnimationFrame(paintAlways);
    };
    if (moving) frame = requestAnimationFrame(paintAlways);
    return () => {
      element.removeEventListener('seeked', paint);
      cancelAnimationFrame(frame);
    };
  }, [element, moving]);
  return (
    <input
      ref={bar}
      class="clip-progress"
      type="range"
      min={0}
      max={STEPS}
      aria-label={words.value.feed.position}
      onKeyDown={(event) => {
        const seconds = SEEKS[event.key];
        // With others held the arrows are the browser's.
        if (seconds === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        seekBy(id, seconds);
      }}
      onInput={({ currentTarget }) => {
        if (element.duration > 0)
          element.currentTime = (Number(currentTarget.value) / STEPS) * element.duration;
      }}
    />
  );
}

function show(bar: HTMLInputElement, { currentTime, duration }: HTMLVideoElement): void {
  const done = duration > 0 ? currentTime / duration : 0;
  bar.style.setProperty('--done', String(done));
  if (!bar.matches(':active')) bar.value = String(Math.round(done * STEPS));
  const said = duration > 0 ? momentOf(currentTime, duration) : '';
  // Once a second: at every frame it would be read to nobody's use.
  if (bar.getAttribute('aria-valuetext') !== said) bar.setAttribute('aria-valuetext', said);
}

/** "0:07 of 0:15"; both in seconds. */
function momentOf(now: number, whole: number): string {
  return words.value.numbers.of(clock(Math.floor(now) * 1000), clock(whole * 1000));
}
