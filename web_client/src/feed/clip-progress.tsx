/** How far the video has come: a line at the edge, that is dragged to another moment. */
import { useEffect, useRef } from 'preact/hooks';
import { words } from '../words/words';

const STEPS = 1000;

export function ClipProgress({ element }: { element: HTMLVideoElement }) {
  const bar = useRef<HTMLInputElement>(null);
  useEffect(() => {
    let frame = requestAnimationFrame(function paint() {
      const done = element.duration > 0 ? element.currentTime / element.duration : 0;
      bar.current?.style.setProperty('--done', String(done));
      if (bar.current && !bar.current.matches(':active'))
        bar.current.value = String(Math.round(done * STEPS));
      frame = requestAnimationFrame(paint);
    });
    return () => cancelAnimationFrame(frame);
  }, [element]);
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
