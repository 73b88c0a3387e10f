/** Videos as a grid of pictures, one of which may move. */
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Video } from '../api/types';
import { Icon } from '../kit/icon';
import { Failed } from '../kit/state';
import { blurred } from '../kit/thumbhash';
import { count } from '../words/count';
import { words } from '../words/words';
import type { VideoList } from './list';
import { marksFor } from './marks';
import { followMiddle, leave, mayMove, moving, want } from './previews';
import { Preview } from './preview';
import { knownVideo } from './store';
import { nameOf } from './words';
import './grid.css';

/** So many places are kept before it is known how many there are. */
const EXPECTED = 9;

interface GridProps {
  list: VideoList;
  /** How many there will be, where it is known. */
  expected?: number | undefined;
  /** What is said where there is none. */
  empty: ComponentChildren;
}

export function Grid({ list, expected = EXPECTED, empty }: GridProps) {
  const tiles = useRef<HTMLUListElement>(null);
  const ids = list.ids.value;
  const state = list.state.value;
  const allowed = mayMove.value;
  useEffect(
    () =>
      allowed ? followMiddle(tiles.current?.querySelectorAll('[data-preview]') ?? []) : undefined,
    [ids, allowed],
  );
  if (state === 'failed')
    return <Failed error={list.failure.value} onRetry={() => void list.reload()} />;
  if (state === 'ready' && ids.length === 0) return <>{empty}</>;
  const places = Array.from({ length: Math.min(EXPECTED, Math.max(1, expected)) }, (_, at) => at);
  return (
    <>
      <ul
        ref={tiles}
        class="grid"
        aria-label={words.value.profile.grid}
        aria-busy={state === 'loading'}
      >
        {ids.map((id) => {
          const video = knownVideo(id);
          return video && <Tile key={id} video={video} />;
        })}
        {ids.length === 0 && places.map((place) => <li key={place} class="skeleton tile" />)}
      </ul>
      {list.hasMore.value && (
        <button class="button button-wide grid-more" onClick={() => void list.more()}>
          {words.value.profile.more}
        </button>
      )}
    </>
  );
}

function Tile({ video }: { video: Signal<Video> }) {
  const { id, poster_url, preview_url, thumbhash, counts, status } = video.value;
  const plays = status === 'playable' || status === 'ready';
  const blur = blurred(thumbhash);
  const marks = marksFor(video.value);
  const views = plays && counts.views > 0;
  const name = [
    nameOf(video.value),
    ...marks.map((mark) => mark.words),
    views && words.value.profile.views(counts.views),
  ];
  const moves = preview_url
    ? {
        'data-preview': id,
        onPointerEnter: ({ pointerType }: PointerEvent) => pointerType === 'mouse' && want(id),
        onPointerLeave: () => leave(id),
        onFocus: () => want(id),
        onBlur: () => leave(id),
      }
    : {};
  return (
    <li class="tile">
      {/* What does not play, which only its author sees, tells among the numbers what became of it. */}
      <a
        href={plays ? `/videos/${id}` : `/videos/${id}/stats`}
        aria-label={name.filter(Boolean).join(', ')}
        {...moves}
      >
        {blur && <img src={blur} alt="" />}
        {poster_url && <img src={poster_url} alt="" loading="lazy" decoding="async" />}
        {preview_url && moving.value.has(id) && <Preview url={preview_url} />}
        <span class="tile-marks">
          {marks.map((mark) => (
            <span key={mark.icon} class={mark.bad ? 'tile-mark tile-mark-bad' : 'tile-mark'}>
              <Icon name={mark.icon} />
              {mark.words}
            </span>
          ))}
        </span>
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
