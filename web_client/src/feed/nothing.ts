/** Whether the feed on the screen has come to nothing: it could not be read, or no video is in it. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { VideoList } from '../videos/list';

export const nothingToPlay = signal(false);

export function useNothingToPlay({ ids, state }: VideoList): void {
  const settled = state.value === 'ready' || state.value === 'failed';
  const nothing = settled && ids.value.length === 0;
  useEffect(() => {
    nothingToPlay.value = nothing;
    return () => {
      nothingToPlay.value = false;
    };
  }, [nothing]);
}
