/** The keyboard of a feed: the keys of every video player, and arrows from video to video. The settings say which letters. */
import type { Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { openComments } from '../comments/open';
import { isLetterOff } from '../kit/letter-keys';
import { setLiked } from '../likes/like';
import { toggleSound } from '../playback/sound';
import { knownVideo } from '../videos/store';
import { SEEK_SECONDS, seekBy, togglePlaying } from './playing';

type Move = (by: number) => void;
/** To the first, or the last of those that are here. */
type MoveTo = (place: number) => void;
type Act = (id: string, move: Move, moveTo: MoveTo) => void;

const ACTS: Readonly<Record<string, Act>> = {
  ArrowDown: (_, move) => move(1),
  ArrowUp: (_, move) => move(-1),
  PageDown: (_, move) => move(1),
  PageUp: (_, move) => move(-1),
  Home: (_, __, moveTo) => moveTo(0),
  End: (_, __, moveTo) => moveTo(Infinity),
  j: (_, move) => move(1),
  k: (_, move) => move(-1),
  ArrowLeft: (id) => seekBy(id, -SEEK_SECONDS),
  ArrowRight: (id) => seekBy(id, SEEK_SECONDS),
  ' ': (id) => togglePlaying(id),
  m: () => toggleSound(),
  c: (id) => openComments(id),
  l: (id) => void setLiked(id, !knownVideo(id)?.value.viewer?.liked),
};

export function useReelKeys(current: Signal<string | null>, move: Move, moveTo: MoveTo): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const act = ACTS[event.key];
      if (!act || !current.value || isLetterOff(event.key) || isElsewhere(event)) return;
      event.preventDefault();
      act(current.value, move, moveTo);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [current, move, moveTo]);
}

/** Keys with modifiers, in fields and dialogs, and the space bar on a button belong to those. */
function isElsewhere(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  if (!(event.target instanceof Element)) return false;
  if (event.target.closest('input, textarea, dialog, [contenteditable]')) return true;
  return event.key === ' ' && event.target.closest('button') !== null;
}
