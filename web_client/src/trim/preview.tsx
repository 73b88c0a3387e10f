/** The picked video as it will be: it loops inside the chosen part, or stands still at a moment. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useBlobUrl } from '../kit/blob-url';
import { Icon } from '../kit/icon';
import { reducedMotion } from '../kit/motion';
import { words } from '../words/words';
import type { TrimRange } from './range';
import './preview.css';

interface PreviewProps {
  file: Blob;
  /** Null where all of it plays. */
  range: TrimRange | null;
  /** Where it stands still, in milliseconds; null where it plays. */
  atMs: number | null;
  /** Lies over it. */
  picture: Blob | null;
}

export function TrimPreview({ file, range, atMs, picture }: PreviewProps) {
  const says = words.value.upload;
  const video = useRef<HTMLVideoElement>(null);
  useLetGo(video); // before its address goes
  const url = useBlobUrl(file);
  const over = useBlobUrl(picture);
  const rests = useSignal(reducedMotion.value);
  const silent = useSignal(true);
  useMoment(video, atMs, rests.value);
  useLoop(video, range, atMs === null);
  return (
    <div class="preview">
      <video
        ref={video}
        src={url ?? undefined}
        muted={silent.value}
        playsInline
        disablePictureInPicture
        preload="auto"
        aria-label={says.yours}
      />
      {over && <img class="preview-over" src={over} alt={says.coverOwn} />}
      {atMs === null && !over && (
        <>
          <button
            type="button"
            class="preview-play"
            aria-label={rests.value ? says.play : says.pause}
            onClick={() => (rests.value = !rests.value)}
          >
            {rests.value && <Icon name="play" full />}
          </button>
          <button
            type="button"
            class="preview-sound"
            aria-label={silent.value ? says.soundOn : says.soundOff}
            onClick={() => (silent.value = !silent.value)}
          >
            <Icon name={silent.value ? 'silent' : 'sound'} />
          </button>
        </>
      )}
    </div>
  );
}

interface VideoRef {
  current: HTMLVideoElement | null;
}

/** A video that loops would go on asking for an address that is gone. */
function useLetGo(video: VideoRef): void {
  useEffect(() => {
    const element = video.current;
    return () => {
      element?.removeAttribute('src');
      element?.load();
    };
  }, [video]);
}

/** Stands still at the moment, or plays where nothing rests. */
function useMoment(video: VideoRef, atMs: number | null, rests: boolean): void {
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    if (atMs !== null) {
      element.pause();
      // A seek under way is the picture for now; the next one follows from where the finger is by then.
      const seek = () => (element.currentTime = atMs / 1000);
      if (!element.seeking) seek();
      else element.addEventListener('seeked', seek, { once: true });
      return () => element.removeEventListener('seeked', seek);
    }
    if (rests) element.pause();
    // Refused where the browser wants a touch first: then the picture stands.
    else void element.play().catch(() => undefined);
    return undefined;
  }, [video, atMs, rests]);
}

/** Back to the beginning of the part where it ends. */
function useLoop(video: VideoRef, range: TrimRange | null, moves: boolean): void {
  const { startMs = 0, endMs = Infinity } = range ?? {};
  useEffect(() => {
    const element = video.current;
    if (!element || !moves) return undefined;
    let next = 0;
    const rewind = () => {
      element.currentTime = startMs / 1000;
    };
    const look = () => {
      const nowMs = element.currentTime * 1000;
      // A tenth of a second before the beginning is where a seek may land.
      if (!element.seeking && (nowMs >= endMs || nowMs < startMs - 100)) rewind();
      next = requestAnimationFrame(look);
    };
    const ended = () => {
      rewind();
      void element.play().catch(() => undefined);
    };
    element.addEventListener('ended', ended);
    next = requestAnimationFrame(look);
    return () => {
      element.removeEventListener('ended', ended);
      cancelAnimationFrame(next);
    };
  }, [video, startMs, endMs, moves]);
}
