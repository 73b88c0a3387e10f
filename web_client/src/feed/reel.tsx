/** The vertical feed: one video a screen, snapped, moved by touch, wheel, keys and buttons; three players at most. */
import type { ComponentChildren, RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { ViewSource } from '../api/types';
import { Icon } from '../kit/icon';
import { reducedMotion } from '../kit/motion';
import { Failed } from '../kit/state';
import { plan } from '../playback/plan';
import type { Seat } from '../playback/stage';
import { comingFrom } from '../plays/watching';
import type { VideoList } from '../videos/list';
import { knownVideo } from '../videos/store';
import { words } from '../words/words';
import { Clip } from './clip';
import { stage } from '../playback/the-stage';
import { useReelKeys } from './keys';
import { ReelSkeleton } from './skeleton';
import { useWheel } from './wheel';
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
  /** A word about a video that belongs to this feed. */
  note?: ((id: string) => string | undefined) | undefined;
  /** What stands below the last video of all; without it there is nothing. */
  end?: ComponentChildren;
}

export function Reel({ list, label, source, note, end }: ReelProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const ids = list.ids.value;
  const below = belowLast(list, end);
  const hasEnd = below !== undefined;
  const places = ids.length + (hasEnd ? 1 : 0);
  const at =
    hasEnd && list.ended.value ? ids.length : Math.max(0, ids.indexOf(list.current.value ?? ''));
  const { move, moveTo, letGo } = useMoves(scroller, at, places);

  useKeptPlace(scroller, ids, at);
  const noteFocus = useKeptFocus(scroller);
  useLayoutEffect(() => comingFrom(source), [source]);
  useStage(ids, at);
  useReelKeys(ids[at] ?? null, { move, moveTo });
  useWheel(scroller, move);
  const awaitsMore = list.awaitsMore.value;
  useEffect(() => {
    // A failed page is asked for again by who moves on, and only then: else it would be without end.
    if (at < ids.length && ids.length - at <= AHEAD) void list.more({ ahead: true });
  }, [list, ids, at, awaitsMore]);

  return (
    <>
      <div
        class="reel"
        ref={scroller}
        tabIndex={0}
        onFocusIn={noteFocus}
        onTouchStart={letGo}
        onScroll={({ currentTarget }) => {
          const place = placeOf(currentTarget);
          list.ended.value = place >= ids.length;
          list.current.value = ids[place] ?? list.current.value;
        }}
      >
        <div
          class="reel-list"
          // At its end all of it is out of reach, and a feed without articles is none.
          role={at < ids.length ? 'feed' : undefined}
          aria-label={at < ids.length ? label : undefined}
          aria-busy={list.state.value === 'loading'}
        >
          {ids.map((id, index) => {
            const video = Math.abs(index - at) <= NEAR ? knownVideo(id) : undefined;
            return (
              <article
                key={id}
                class="reel-item"
                data-video={id}
                aria-posinset={index + 1}
                aria-setsize={list.hasMore.value ? -1 : ids.length}
                inert={index !== at}
              >
                {video && <Clip video={video} current={index === at} note={note?.(id)} />}
              </article>
            );
          })}
        </div>
        {hasEnd && (
          <section
            class="reel-item reel-end"
            aria-label={list.hasMore.value ? words.value.kit.failed : words.value.feed.seenAll}
            inert={at !== ids.length}
          >
            {below}
          </section>
        )}
      </div>
      <ReelArrows at={at} count={places} move={move} />
    </>
  );
}

/** The end of the list; where the next page failed, why, and the way to ask for it again: nothing else would. */
function belowLast(list: VideoList, end: ComponentChildren): ComponentChildren {
  if (!list.hasMore.value) return end;
  const failure = list.moreFailure.value;
  if (failure === null) return undefined;
  if (list.state.value === 'loading') return <ReelSkeleton />;
  return <Failed error={failure} onRetry={() => void list.more()} />;
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
        aria-label={words.value.feed.previous}
        disabled={at === 0}
        onClick={() => move(-1)}
      >
        <Icon name="up" />
      </button>
      <button
        class="round-button"
        aria-label={words.value.feed.next}
        disabled={at >= count - 1}
        onClick={() => move(1)}
      >
        <Icon name="down" />
      </button>
    </div>
  );
}

/** What covers more than half of the screen is the current one. */
function placeOf(scroller: HTMLElement): number {
  return Math.round(scroller.scrollTop / scroller.clientHeight);
}

/** Ways from video to video; several at once add up, though the first is still on its way. */
function useMoves(scroller: RefObject<HTMLElement | null>, at: number, places: number) {
  const goal = useRef<number | null>(null);
  const now = useRef({ at, places });
  now.current = { at, places };
  if (goal.current === at) goal.current = null;
  const moveTo = useCallback(
    (place: number) => {
      goal.current = Math.min(Math.max(0, place), now.current.places - 1);
      scrollTo(scroller, goal.current, reducedMotion.peek() ? 'instant' : 'smooth');
    },
    [scroller],
  );
  const move = useCallback((by: number) => moveTo((goal.current ?? now.current.at) + by), [moveTo]);
  /** A finger takes over. */
  const letGo = useCallback(() => {
    goal.current = null;
  }, []);
  return { move, moveTo, letGo };
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

/**
 * Takes the focus when what had it is out of reach, in a clip that was left or is gone: else it would fall to the page, and
 * Tab would begin at its top. Answers what hears where the focus goes.
 */
function useKeptFocus(scroller: RefObject<HTMLElement | null>): (event: FocusEvent) => void {
  const focused = useRef<Element | null>(null);
  useLayoutEffect(() => {
    const had = focused.current;
    if (!had || (had.isConnected && !had.closest('[inert]'))) return;
    focused.current = null;
    const { activeElement: now } = document;
    // Whoever has put it elsewhere meanwhile, say into a dialog, keeps it there.
    if (!now || now === had || now === document.body)
      scroller.current?.focus({ preventScroll: true });
  });
  return useCallback(({ target }) => {
    focused.current = target instanceof Element ? target : null;
  }, []);
}

/** Seats the current video, the next and the previous one, in this order of importance; at the end nothing plays. */
function useStage(ids: readonly string[], at: number): void {
  const near = at < ids.length ? [ids[at], ids[at + 1], ids[at - 1]] : [];
  const arrangement = near
    .filter((id) => id !== undefined)
    .map(seatKey)
    .join(' ');
  const coming = ids.slice(at + 1, at + 1 + plan.value.items).join(' ');
  useLayoutEffect(() => {
    const ahead = coming.split(' ').flatMap((id) => knownVideo(id)?.peek() ?? []);
    stage.arrange(arrangement.split(' ').flatMap(seatOf), ahead);
  }, [arrangement, coming]);
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
