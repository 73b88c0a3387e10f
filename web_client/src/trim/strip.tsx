/** The strip of a video's pictures, with whatever is moved along it on top. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { drawFrames, FRAMES } from './frames';
import './strip.css';

/** Of one picture, in pixels: twice what is shown. */
const FRAME_WIDTH = 80;
const FRAME_HEIGHT = 128;

interface StripProps {
  file: Blob;
  durationMs: number;
  children: ComponentChildren;
}

export function Strip({ file, durationMs, children }: StripProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const stop = new AbortController();
    if (canvas.current) void drawFrames(file, canvas.current, durationMs, stop.signal);
    return () => stop.abort();
  }, [file, durationMs]);
  return (
    <div class="strip">
      <canvas ref={canvas} width={FRAMES * FRAME_WIDTH} height={FRAME_HEIGHT} aria-hidden="true" />
      {children}
    </div>
  );
}
