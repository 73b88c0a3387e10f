/** The vertical feed: one video a screen, snapped, moved by touch, wheel, keys and buttons; three players at most. */
import type { Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { ViewSource } from '../api/types';
import { Icon } from '../kit/icon';
import type { Seat } from '../playback/stage';
import { comingFrom } from '../plays/watching';
import type { VideoList } from '../videos/list';
import { knownVideo } from '../videos/store';
import { Clip } from './clip';
import { stage } from './stage';
import { useReelKeys } from './keys';
import './reel.css';

/** Pictures are there this far from the current video, so that a quick swipe meets no hole. */
const NEAR = 2;
/** The next page is asked for when this few are left. */
const AHEAD = 4;

interface ReelProps {
  list: VideoList;
  label: string;
  /** Where the person came upon each video; the same function as long as the list is the same. */
  source: (id: string) => ViewSource;
}

export function Reel({ list, label, source }: ReelProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const ids = list.ids.value;
  const at = Math.max(0, ids.indexOf(list.current.value ?? ''));
  const move = useCallback((by: number) => scrollTo(scroller, at + by, 'smooth'), [at]);

  useKeptPlace(scroller, ids, at);
  useLayoutEffect(() => comingFrom(source), [source]);
  useStage(ids, at);
  useReelKeys(list.current, move);
  useEffect(() => {
    if (ids.length - at <= AHEAD) void list.more();
  }, [list, ids, at]);

  return (
    <>
      <div
        class="reel"
        ref={scroller}
        role="feed"
        aria-label={label}
        aria-busy={list.state.value === 'loading'}
        tabIndex={0}
        onScroll={(event) => follow(event.currentTarget, list.current, ids)}
      >
        {ids.map((id, index) => {
          const video = Math.abs(index - at) <= NEAR ? knownVideo(id) : undefined;
          return (
            <article
              key={id}
              class="reel-item"
              data-video={id}
              aria-posinset={index + 1}
              aria-setsize={ids.length}
              inert={index !== at}
            >
              {video && <Clip video={video} current={index === at} />}
            </article>
          );
        })}
      </div>
      <ReelArrows at={at} count={ids.length} move={move} />
    </>
  );
}

function ReelArrows({
  at,
  count,
  move,
}: {
  at: number;
  count: number;
  move: (by: number) => void;
}) {
  return (
    <div class="reel-arrows">
      <button
        class="round-button"
        aria-label="Previous video"
        disabled={at === 0}
        onClick={() => move(-1)}
      >
        <Icon name="up" />
      </button>
      <button
        class="round-button"
        aria-label="Next video"
        disabled={at >= count - 1}
        onClick={() => move(1)}
      >
        <Icon name="down" />
      </button>
    </div>
  );
}

/** The video that covers more than half of the screen is the current one. */
function follow(
  scroller: HTMLElement,
  current: Signal<string | null>,
  ids: readonly string[],
): void {
  const id = ids[Math.round(scroller.scrollTop / scroller.clientHeight)];
  if (id) current.value = id;
}

function scrollTo(
  scroller: RefObject<HTMLElement | null>,
  index: number,
  behavior: ScrollBehavior,
): void {
  const { current: element } = scroller;
  element?.scrollTo({ top: index * element.clientHeight, behavior });
}

/** Holds the current video on the screen when the list or the window changes around it. */
function useKeptPlace(
  scroller: RefObject<HTMLElement | null>,
  ids: readonly string[],
  at: number,
): void {
  const place = useRef(at);
  place.current = at;
  // Only a changed list may move the scroll position: while a finger scrolls, the finger is right.
  useLayoutEffect(() => scrollTo(scroller, place.current, 'instant'), [scroller, ids]);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => scrollTo(scroller, place.current, 'instant'));
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller]);
}

/** Seats the current video, the next and the previous one, in this order of importance. */
function useStage(ids: readonly string[], at: number): void {
  const near = [ids[at], ids[at + 1], ids[at - 1]].filter((id) => id !== undefined);
  const arrangement = near.map(seatKey).join(' ');
  useLayoutEffect(() => {
    stage.arrange(arrangement.split(' ').flatMap(seatOf));
  }, [arrangement]);
  useEffect(() => () => stage.close(), []);
}

/** Changes when a video gets other addresses or is ready for HLS. */
function seatKey(id: string): string {
  const video = knownVideo(id)?.value;
  return `${id}|${video?.status}|${video?.sources[0]?.url}`;
}

function seatOf(key: string): Seat[] {
  const [id = ''] = key.split('|');
  const video = knownVideo(id)?.value;
  const slot = document.querySelector(`[data-video="${id}"] .clip-screen`);
  return video && slot ? [{ video, slot }] : [];
}
