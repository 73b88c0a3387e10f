/** What is going on at the video just now: how many watch it, and that finer pictures of it are being fetched. */
import type { Signal } from '@preact/signals';
import type { Video } from '../api/types';
import { words } from '../words/words';
import { watchersOf } from './watchers';

/** Ourselves alone are no company. */
const COMPANY = 2;

export function Presence({ video }: { video: Signal<Video> }) {
  const many = watchersOf(video.value.id);
  if (many < COMPANY) return null;
  return (
    <p class="caption-watching">
      <i aria-hidden="true" />
      {words.value.feed.watchingNow(many)}
    </p>
  );
}
