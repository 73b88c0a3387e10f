/** Hears what happens to the video on the screen while it is there: its comments and its counts. */
import { effect } from '@preact/signals';
import { onBlockChange } from '../blocks/store';
import { closeComments, openSheet } from '../comments/open';
import { Rounds } from '../comments/rounds';
import { knownThread } from '../comments/thread';
import { knownUser } from '../follows/store';
import { me } from '../accounts/session';
import { onChanged } from '../kit/moments';
import { liveState, onLive, onWatching, watchVideo } from '../live/live';
import { LiveCounts } from '../videos/live-counts';
import { addToCounts, changeVideo, knownVideo, onVideoGone } from '../videos/store';
import { stage } from '../playback/the-stage';
import { keepWatchers } from './watchers';

/** Who swipes on within this has not looked. */
const SWIPE_MS = 300;

const rounds = new Rounds();

/** Once, for members: guests have no session. */
export function startHearing(): void {
  const counts = new LiveCounts(({ video_id, views, likes, comments }) =>
    changeVideo(video_id, { counts: { views, likes, comments } }),
  );
  onLive('counts', (told) => {
    if (told.video_id !== stage.current.peek()) return;
    counts.tell(told);
    keepWatchers(told);
    if (rounds.leftOut(told.comments)) renewComments();
  });
  onChanged((id) => counts.changed(id));
  onLive('comment.created', (comment) => {
    if (comment.video_id === stage.current.peek()) rounds.heard();
    knownThread(comment.video_id)?.hear(comment);
  });
  onLive('comment.removed', ({ id, video_id }) => knownThread(video_id)?.forget(id));
  onVideoGone((id) => {
    if (openSheet.peek() === id) closeComments();
  });
  hearOfOurs();
  watchTheScreen(counts);
}

function watchTheScreen(counts: LiveCounts): void {
  effect(() => {
    const id = stage.current.value;
    if (id === null) return;
    let unwatch: (() => void) | undefined;
    const timer = setTimeout(() => {
      unwatch = watchVideo(id);
    }, SWIPE_MS);
    return () => {
      clearTimeout(timer);
      unwatch?.();
      counts.end();
      keepWatchers(null);
    };
  });
  onWatching((id) => {
    rounds.begin();
    void knownThread(id)?.renew();
  });
  onBlockChange(renewComments);
  // Nobody is told that somebody blocked them.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') renewComments();
  });
  liveState.subscribe((state) => {
    if (state === 'open') return;
    counts.end();
    keepWatchers(null);
  });
}

function renewComments(): void {
  void knownThread(stage.current.peek() ?? '')?.renew();
}

/** What others do with our own videos and our profile, where we know them. */
function hearOfOurs(): void {
  onLive('comment.on_yours', (comment) => {
    if (comment.video_id !== stage.current.peek()) addToCounts(comment.video_id, { comments: 1 });
  });
  onLive('like.on_yours', ({ video_id, likes }) => {
    const video = knownVideo(video_id)?.peek();
    if (video && video_id !== stage.current.peek())
      changeVideo(video_id, { counts: { ...video.counts, likes } });
  });
  onLive('follower.new', () => {
    const own = knownUser(me.peek()?.id ?? '');
    if (!own) return;
    const { counts } = own.peek();
    own.value = { ...own.peek(), counts: { ...counts, followers: counts.followers + 1 } };
  });
}
