/** The keyboard of a feed: the keys of every video player, and arrows from video to video. The settings say which letters. */
import { useEffect, useRef } from 'preact/hooks';
import { openComments } from '../comments/open';
import { isLetterOff } from '../kit/letter-keys';
import { setLiked } from '../likes/like';
import { toggleSound } from '../playback/sound';
import { knownVideo } from '../videos/store';
import { SEEK_SECONDS, seekBy, togglePlaying } from './playing';

export interface Moves {
  move: (by: number) => void;
  /** To the first, or the last of those that are here. */
  moveTo: (place: number) => void;
}

const MOVES: Readonly<Record<string, (moves: Moves) => void>> = {
  ArrowDown: ({ move }) => move(1),
  ArrowUp: ({ move }) => move(-1),
  PageDown: ({ move }) => move(1),
  PageUp: ({ move }) => move(-1),
  Home: ({ moveTo }) => moveTo(0),
  End: ({ moveTo }) => moveTo(Infinity),
  j: ({ move }) => move(1),
  k: ({ move }) => move(-1),
};

/** As often as the key repeats while it is held. */
const SEEKS: Readonly<Record<string, (id: string) => void>> = {
  ArrowLeft: (id) => seekBy(id, -SEEK_SECONDS),
  ArrowRight: (id) => seekBy(id, SEEK_SECONDS),
};

/** Once, however long the key is held. */
const SWITCHES: Readonly<Record<string, (id: string) => void>> = {
  ' ': (id) => togglePlaying(id),
  m: () => toggleSound(),
  c: (id) => openComments(id),
  l: (id) => void setLiked(id, !knownVideo(id)?.value.viewer?.liked),
};

/** `id` is the video on the screen; at the end of the feed there is none, and only the moves do something. */
export function useReelKeys(id: string | null, { move, moveTo }: Moves): void {
  const now = useRef(id);
  now.current = id;
  useEffect(() => {
    const press = (event: KeyboardEvent) => pressed(event, now.current, { move, moveTo });
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [move, moveTo]);
}

/** Does what the key means, if it means something here. */
export function pressed(event: KeyboardEvent, id: string | null, moves: Moves): void {
  const { key } = event;
  const go = MOVES[key];
  const act = SEEKS[key] ?? SWITCHES[key];
  if (!(go ?? (act && id !== null)) || isLetterOff(key) || isElsewhere(event)) return;
  event.preventDefault();
  go?.(moves);
  if (id !== null && !(event.repeat && SWITCHES[key])) act?.(id);
}

/** Keys with modifiers, in fields and dialogs, and the space bar on a button belong to those. */
function isElsewhere(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  if (!(event.target instanceof Element)) return false;
  if (event.target.closest('input, textarea, dialog, [contenteditable]')) return true;
  return event.key === ' ' && event.target.closest('button') !== null;
}
