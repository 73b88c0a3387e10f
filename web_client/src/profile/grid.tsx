/** Videos as a grid of pictures. */
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Video } from '../api/types';
import { Icon, type IconName } from '../kit/icon';
import { Empty, Failed } from '../kit/state';
import { blurred } from '../kit/thumbhash';
import type { VideoList } from '../videos/list';
import { knownVideo } from '../videos/store';
import { nameOf } from '../videos/words';
import { count, counted } from '../words/count';

interface GridProps {
  list: VideoList;
  /** What is said where there is none. */
  empty: ComponentChildren;
}

export function Grid({ list, empty }: GridProps) {
  const ids = list.ids.value;
  const state = list.state.value;
  if (state === 'failed')
    return <Failed error={list.failure.value} onRetry={() => void list.reload()} />;
  if (state === 'ready' && ids.length === 0) return <>{empty}</>;
  return (
    <>
      <ul class="grid" aria-label="Videos" aria-busy={state === 'loading'}>
        {ids.map((id) => {
          const video = knownVideo(id);
          return video && <Tile key={id} video={video} />;
        })}
        {ids.length === 0 &&
          [1, 2, 3, 4, 5, 6].map((place) => <li key={place} class="skeleton tile" />)}
      </ul>
      {list.hasMore.value && (
        <button class="button button-wide grid-more" onClick={() => void list.more()}>
          Show more
        </button>
      )}
    </>
  );
}

function Tile({ video }: { video: Signal<Video> }) {
  const { id, poster_url, thumbhash, counts, status } = video.value;
  const plays = status === 'playable' || status === 'ready';
  const blur = blurred(thumbhash);
  const mark = markFor(video.value);
  const views = plays && counts.views > 0;
  const name = [nameOf(video.value), mark?.words, views && counted(counts.views, 'view')];
  return (
    <li class="tile">
      {/* What does not play yet has no page. */}
      <a {...(plays ? { href: `/videos/${id}` } : {})} aria-label={name.filter(Boolean).join(', ')}>
        {blur && <img src={blur} alt="" />}
        {poster_url && <img src={poster_url} alt="" loading="lazy" decoding="async" />}
        {mark && (
          <span class="tile-mark">
            <Icon name={mark.icon} />
            {mark.words}
          </span>
        )}
        {views && (
          <span class="tile-views">
            <Icon name="play" />
            {count(counts.views)}
          </span>
        )}
      </a>
    </li>
  );
}

function markFor({ status, visibility }: Video): { icon: IconName; words: string } | null {
  if (status === 'failed') return { icon: 'alert', words: 'Failed' };
  if (status === 'uploaded' || status === 'processing')
    return { icon: 'retry', words: 'On its way' };
  if (visibility === 'private') return { icon: 'lock', words: 'Only you' };
  if (visibility === 'followers') return { icon: 'people', words: 'Followers' };
  return null;
}

interface Whose {
  mine: boolean;
  /** We have blocked them. */
  blocked: boolean;
}

export function NoVideos({ mine, blocked }: Whose) {
  if (blocked) {
    return (
      <Empty icon="film" title="No videos here">
        What they post is hidden from you while you block them.
      </Empty>
    );
  }
  if (!mine) {
    return (
      <Empty icon="film" title="No videos yet">
        Follow, and the first one arrives by itself.
      </Empty>
    );
  }
  return (
    <Empty
      icon="film"
      title="Your first video"
      actions={
        <a class="button button-main" href="/post">
          Post a video
        </a>
      }
    >
      Pick one from this device. Your followers see it the moment it plays.
    </Empty>
  );
}
