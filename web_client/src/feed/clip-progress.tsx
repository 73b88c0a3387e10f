/** How far the video has come: a line at the edge, that is dragged to another moment. */
import { useEffect, useRef } from 'preact/hooks';
import { clock } from '../kit/numbers';
import { words } from '../words/words';

const STEPS = 1000;

/** `moving`: its pictures move, so the line does. */
export function ClipProgress({ element, moving }: { element: HTMLVideoElement; moving: boolean }) {
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
