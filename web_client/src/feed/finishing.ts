/** A video that plays but is not finished gets finer pictures soon: asks for them while somebody watches it. */
import type { Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Video } from '../api/types';
import { fetchVideo } from '../videos/store';

/** Seconds between the questions; after the last one it stays as it is until it is opened again. */
const PAUSES = [4, 6, 10, 20, 40, 60];

export function useFinishing(video: Signal<Video>, current: boolean): void {
  const { id, status } = video.value;
  const unfinished = current && status === 'playable';
  useEffect(() => {
    if (!unfinished) return;
    let timer: ReturnType<typeof setTimeout>;
    const ask = (turn: number) => {
      const seconds = PAUSES[turn];
      if (seconds === undefined) return;
      timer = setTimeout(() => {
        // A question without an answer is asked again with the next turn.
        void fetchVideo(id).catch(() => undefined);
        ask(turn + 1);
      }, seconds * 1000);
    };
    ask(0);
    return () => clearTimeout(timer);
  }, [id, unfinished]);
}
