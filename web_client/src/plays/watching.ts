/** Watches the stage of this page, and reports what its member has watched. */
import { computed, effect, signal } from '@preact/signals';
import { me } from '../accounts/session';
import { accessToken } from '../accounts/tokens';
import { call } from '../api/call';
import type { View, ViewSource } from '../api/types';
import { stage } from '../playback/the-stage';
import { sayViews } from '../live/live';
import { knownVideo } from '../videos/store';
import { Meter, type Shown } from './meter';
import { report } from './report';

let sourceOf: (id: string) => ViewSource = () => 'link';

/** Where the videos that are shown from now on were come upon. */
export function comingFrom(source: (id: string) => ViewSource): void {
  sourceOf = source;
}

/** A view counts from two seconds on, and one that counts brings back what is archived. */
const COUNTS_AFTER_MS = 2_500;

const wanted = signal<ReadonlySet<string>>(new Set());

/** Was it watched for so long that the server is fetching all of it from the archive? */
export function isWanted(id: string): boolean {
  return wanted.value.has(id);
}

/** Once, for members: nobody asks what guests watch. */
export function startWatching(): void {
  let hidden = false;
  const meter = new Meter((view) => report(view, hidden, { socket: sayViews, http: post }));
  effect(() => {
    const id = stage.current.value;
    const player = id === null ? undefined : stage.players.value.get(id);
    meter.see(id === null ? null : shown(id), player?.phase.value === 'playing');
  });
  tellEarly(meter);
  const hide = (now: boolean) => {
    hidden = now;
    if (hidden) meter.tell();
  };
  document.addEventListener('visibilitychange', () => hide(document.visibilityState === 'hidden'));
  // A page that is left by a link hears of this before it counts as hidden; it may be shown again from the browser's memory.
  addEventListener('pagehide', () => hide(true));
  addEventListener('pageshow', () => hide(false));
}

/** Of an archived video at once, and not only when it is left: finer pictures of it come while it is watched. */
function tellEarly(meter: Meter): void {
  const cold = computed(() => {
    const id = stage.current.value ?? '';
    const video = knownVideo(id)?.value;
    return video?.archived && video.author.id !== me.value?.id ? id : null;
  });
  effect(() => {
    const id = cold.value;
    if (id === null || stage.players.value.get(id)?.phase.value !== 'playing') return;
    const timer = setTimeout(() => {
      meter.tell();
      wanted.value = new Set(wanted.value).add(id);
    }, COUNTS_AFTER_MS);
    return () => clearTimeout(timer);
  });
}

function shown(id: string): Shown {
  return { id, durationMs: knownVideo(id)?.peek().duration_ms ?? null, source: sourceOf(id) };
}

function post(view: View): void {
  postAsMember(view).catch(() => undefined);
}

async function postAsMember({ video_id, ...body }: View): Promise<void> {
  // A page that is left because its session is over has nothing to say any more.
  if ((await accessToken()) === null) return;
  await call('POST', '/videos/{id}/views', { path: { id: video_id }, body });
}
