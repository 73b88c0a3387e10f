/** What is going on at the video just now: how many watch it, and that finer pictures of it are being fetched. */
import type { Signal } from '@preact/signals';
import type { Video } from '../api/types';
import { Icon } from '../kit/icon';
import { isWanted } from '../plays/watching';
import { words } from '../words/words';
import { watchersOf } from './watchers';

/** Ourselves alone are no company. */
const COMPANY = 2;

export function Presence({ video }: { video: Signal<Video> }) {
  const { id, archived } = video.value;
  const many = watchersOf(id);
  const says = words.value.feed;
  return (
    <>
      {many >= COMPANY && (
        <p class="caption-watching">
          <i aria-hidden="true" />
          {says.watchingNow(many)}
        </p>
      )}
      {archived && isWanted(id) && (
        <p class="caption-note" role="status">
          <Icon name="film" />
          {says.finerOnTheirWay}
        </p>
      )}
    </>
  );
}
