/** One tap pauses at once; a second one takes that back and likes, so that nobody waits to see whether it comes. */
import type { Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { setLiked } from '../likes/like';
import type { Heart } from './clip';
import { buzz } from './buzz';
import { togglePlaying } from './playing';

const DOUBLE_WITHIN_MS = 300;

export function useTaps(id: string, hearts: Signal<readonly Heart[]>) {
  const last = useRef(Number.NEGATIVE_INFINITY);
  const run = useRef(0);
  return {
    onClick: (event: MouseEvent) => {
      // A key's click has no place on the screen, and means play or pause only.
      const byKey = event.detail === 0;
      const again = !byKey && event.timeStamp - last.current < DOUBLE_WITHIN_MS;
      last.current = event.timeStamp;
      run.current = again ? run.current + 1 : 1;
      if (run.current <= 2) togglePlaying(id);
      if (again) {
        hearts.value = [
          ...hearts.value,
          { key: event.timeStamp, x: event.offsetX, y: event.offsetY },
        ];
        void setLiked(id, true);
        if (matchMedia('(pointer: coarse)').matches) buzz();
      }
    },
  };
}
