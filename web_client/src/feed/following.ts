/** The Following feed and what arrives for it while the page is open. */
import { computed, signal } from '@preact/signals';
import { call } from '../api/call';
import type { Video } from '../api/types';
import { onBlockChange } from '../blocks/store';
import { onFollowChange } from '../follows/store';
import { tick } from '../kit/moments';
import { onGap, onLive, startLive } from '../live/live';
import { stage } from '../playback/the-stage';
import { VideoList } from '../videos/list';
import { changeVideo, keepVideo, knownVideo, onVideoGone, videoGone } from '../videos/store';
import { arrive, type Arrivals } from './arrivals';
import { pageQuery } from './first-page';

let position: string | null = null;
/** Since then there may be others between what is shown and what waits: more was missed than one page, or nobody knows. */
let holesSince: number | null = null;

export const following = new VideoList(async (cursor) => {
  const page = await call('GET', '/feed/following', { query: pageQuery(cursor) });
  if (cursor === null) position = page.position;
  return page;
});

const waiting = signal<readonly string[]>([]);
const live = signal<ReadonlySet<string>>(new Set());

/** Videos that arrived and wait behind the pill, newest first. */
export const fresh = computed(() => waiting.value.flatMap((id) => knownVideo(id) ?? []));

/** Did this video arrive while the page was open? */
export function arrivedLive(id: string): boolean {
  return live.value.has(id);
}

/** Loads the feed, then opens the live session from the feed's position, so that nothing falls in between. */
export async function startFollowing(): Promise<void> {
  onLive('video.published', arrived);
  onLive('video.updated', (change) => changeVideo(change.id, change));
  onLive('video.removed', ({ id }) => videoGone(id));
  onVideoGone(gone);
  onGap(() => void catchUp());
  onFollowChange(() => void beginAnew(isLookedAt));
  onBlockChange(() => void beginAnew(isLookedAt));
  await following.load();
  startLive(position);
}

/** Begins the feed anew, as the person wants, with its first video; what waited behind the pill is in it. */
export function refreshFollowing(): Promise<void> {
  return beginAnew();
}

/** Is its current video on the screen, rather than another page, or its end? */
function isLookedAt(): boolean {
  return following.current.peek() === stage.current.peek();
}

/** Begins the feed anew; the video on the screen `stays` there where nobody asked for another one. */
async function beginAnew(stays?: () => boolean): Promise<void> {
  const asked = tick();
  const whole = await following.reload(stays);
  // A gap that came while the answer was on its way is not closed by it.
  if (whole && holesSince !== null && holesSince < asked) holesSince = null;
  waiting.value = waiting.value.filter((id) => !following.has(id));
}

/** Puts what waited first, and shows the newest of it. */
export function showFresh(): void {
  if (holesSince !== null) {
    void refreshFollowing();
    return;
  }
  const ids = waiting.value;
  waiting.value = [];
  following.prepend(ids);
  following.show(ids[0] ?? following.current.value);
}

/** After a gap that cannot be replayed: what is new waits behind the pill, and nothing moves under a finger. */
async function catchUp(): Promise<void> {
  const asked = tick();
  // Without an answer nobody knows what was missed, so there may be holes.
  const newest = await following.newest().catch(() => null);
  const joins = newest !== null && (newest.length === 0 || newest.some((id) => following.has(id)));
  if (!joins) holesSince = asked;
  for (const id of newest?.reverse() ?? []) {
    take(arrive({ shown: following.ids.value, waiting: waiting.value }, id));
  }
}

function arrived(video: Video): void {
  const { id } = keepVideo(video).value;
  live.value = new Set(live.value).add(id);
  take(arrive({ shown: following.ids.value, waiting: waiting.value }, id));
}

function take(next: Arrivals): void {
  if (next.shown !== following.ids.value) {
    following.prepend(next.shown);
    following.current.value ??= next.shown[0] ?? null;
  }
  waiting.value = next.waiting;
}

function gone(id: string): void {
  waiting.value = waiting.value.filter((other) => other !== id);
  following.remove(id);
}
