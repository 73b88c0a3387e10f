/** One of one's own videos in numbers: views, how long it holds people, what they did, where it lies. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { call } from '../api/call';
import { refusedWith } from '../api/problem';
import type { Stats, Video } from '../api/types';
import { clock, fineClock } from '../kit/numbers';
import { Icon } from '../kit/icon';
import { PageFrame } from '../kit/page-frame';
import { back, cameFrom, go } from '../kit/router';
import { Empty, Failed } from '../kit/state';
import { onWatching, watchVideo } from '../live/live';
import { failureOf } from '../upload/failures';
import { openOwnVideo } from '../videos/open';
import { fetchVideo, knownVideo, onVideoGone } from '../videos/store';
import { nameOf } from '../videos/words';
import { count } from '../words/count';
import { language } from '../words/language';
import { words } from '../words/words';
import { Curve, type CurveValue } from './curve';
import { Numbers } from './numbers';
import { roundAbove } from './shape';
import { Storage } from './storage';
import { Thumb } from './thumb';
import './creator.css';

export function StatsPage({ id }: { id: string }) {
  const says = words.value.creator;
  const { stats, failure, load, renew } = useStats(id);
  const video = knownVideo(id)?.value;
  const name = video ? nameOf(video) : undefined;
  useEffect(() => onVideoGone((gone) => gone === id && leave(id)), [id]);
  useReturn(id, video?.archived ?? false, renew);
  return (
    <PageFrame
      title={says.short}
      windowTitle={name ? says.numbersOf(name) : says.short}
      backTo="/creator"
      actions={
        video && (
          <button class="round-button" aria-label={says.change} onClick={() => openOwnVideo(id)}>
            <Icon name="more" full />
          </button>
        )
      }
    >
      {failure && <Trouble error={failure} onRetry={load} />}
      {!failure && video && <Head video={video} />}
      {!failure && stats && video && <Body video={video} stats={stats} onChange={renew} />}
      {!failure && !(stats && video) && <BodySkeleton head={!video} />}
    </PageFrame>
  );
}

/** The page of the video itself, which may have led here, is gone as well. */
function leave(id: string): void {
  if (cameFrom() === `/videos/${id}`) go('/creator', { replace: true, alone: true });
  else back('/creator');
}

function useStats(id: string) {
  const stats = useSignal<Stats | null>(null);
  const failure = useSignal<unknown>(null);
  const newest = useRef(0);
  /** False when it fails; the answer to an older request counts for nothing. */
  const ask = async (failed: (error: unknown) => void) => {
    const request = ++newest.current;
    try {
      const path = { id };
      const [found] = await Promise.all([
        call('GET', '/videos/{id}/stats', { path }),
        fetchVideo(id),
      ]);
      if (request === newest.current) stats.value = found;
    } catch (error) {
      if (request === newest.current) failed(error);
    }
  };
  const load = () => {
    failure.value = null;
    void ask((error) => (failure.value = error));
  };
  /** What is shown stays when that fails. */
  const renew = () => void ask(() => undefined);
  useEffect(load, [id]); // eslint-disable-line react-hooks/exhaustive-deps -- signals never change identity
  return { stats: stats.value, failure: failure.value, load, renew };
}

/** While it is archived: who watches a video hears that it is back. It may have come before that began, or in a break. */
function useReturn(id: string, archived: boolean, renew: () => void) {
  useEffect(() => {
    if (!archived) return;
    const ears = [onWatching((watched) => watched === id && renew()), watchVideo(id)];
    return () => ears.forEach((end) => end());
  }, [id, archived]); // eslint-disable-line react-hooks/exhaustive-deps -- `renew` reads what never changes
}

function Trouble({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (!refusedWith(error, 'not_yours')) return <Failed error={error} onRetry={onRetry} />;
  return (
    <Empty icon="lock" title={words.value.profile.notFound}>
      {words.value.creator.notYours}
    </Empty>
  );
}

/** Which video it is. */
function Head({ video }: { video: Video }) {
  const says = words.value.creator;
  const plays = video.sources.length > 0;
  return (
    <section class="creator-head">
      <Thumb video={video} />
      <div class="creator-words">
        <h2>
          <bdi>{nameOf(video)}</bdi>
        </h2>
        {video.duration_ms !== null && <small>{clock(video.duration_ms)}</small>}
        {plays ? (
          <a class="button button-slim" href={`/videos/${video.id}`}>
            {says.watch}
          </a>
        ) : (
          <p class={video.error ? 'creator-bad' : 'creator-quiet'}>
            {video.error ? failureOf(video.error.code).words : says.notYet}
          </p>
        )}
      </div>
    </section>
  );
}

function Body({ video, stats, onChange }: { video: Video; stats: Stats; onChange: () => void }) {
  const says = words.value.creator;
  const { views, windows, shares } = stats;
  const { likes, comments } = video.counts;
  return (
    <>
      <Numbers
        title={says.windows}
        numbers={[
          [says.lastHour, windows.h1],
          [says.lastWeek, windows.d7],
          [says.lastMonth, windows.d30],
          [says.ever, views],
        ]}
      />
      <section class="creator-part">
        <Daily days={stats.days} />
      </section>
      <section class="creator-part">
        <Through video={video} watching={stats.watching} />
      </section>
      <Numbers
        numbers={[
          [says.likesName, likes],
          [says.commentsName, comments],
          [says.sharesName, shares],
        ]}
      />
      <Storage video={video} stored={stats.stored} onChange={onChange} />
    </>
  );
}

function Daily({ days }: { days: Stats['days'] }) {
  const says = words.value.creator;
  const format = new Intl.DateTimeFormat(language.value, {
    month: 'short',
    day: 'numeric',
    timeZone: 'UTC',
  });
  const values: CurveValue[] = days.map(({ day, views }) => ({
    at: format.format(new Date(day)),
    value: views,
    words: count(views),
  }));
  const most = roundAbove(Math.max(...values.map(({ value }) => value)));
  const none = values.every(({ value }) => value === 0);
  return (
    <Curve
      title={says.byDay}
      note={none ? says.noViews : says.byDayNote}
      values={values}
      most={most}
      mostWords={count(most)}
      columns={[says.day, says.viewsName]}
    />
  );
}

function Through({ video, watching }: { video: Video; watching: Stats['watching'] }) {
  const says = words.value.creator;
  const { through, viewers, average_ms } = watching;
  if (through.length === 0)
    return (
      <div class="creator-none">
        <b>{says.through}</b>
        <p>{says.throughNone}</p>
      </div>
    );
  const format = new Intl.NumberFormat(language.value, {
    style: 'percent',
    maximumFractionDigits: 0,
  });
  const values: CurveValue[] = through.map((share, at) => ({
    at: placeOf(at, through.length - 1, video.duration_ms ?? 0),
    value: share,
    words: format.format(share),
  }));
  const seconds = new Intl.NumberFormat(language.value, { maximumFractionDigits: 1 });
  return (
    <>
      <Curve
        title={says.through}
        note={says.throughNote(viewers)}
        values={values}
        most={1}
        mostWords={format.format(1)}
        columns={[says.part, says.stillThere]}
      />
      <dl class="creator-pairs">
        {average_ms !== null && (
          <div>
            <dt>{says.average}</dt>
            <dd>{says.seconds(seconds.format(average_ms / 1000))}</dd>
          </div>
        )}
        <div>
          <dt>{says.toTheEnd}</dt>
          <dd>{format.format(through.at(-1) ?? 0)}</dd>
        </div>
      </dl>
    </>
  );
}

/** A moment of the video; of a short one with tenths, so that no two of so many places are called the same. */
function placeOf(place: number, places: number, durationMs: number): string {
  const ms = (place / places) * durationMs;
  return durationMs < places * 1000 ? fineClock(ms) : clock(ms);
}

/** As tall as what will be here. */
function BodySkeleton({ head }: { head: boolean }) {
  return (
    <div class="creator-skeleton" aria-busy="true">
      {head && <span class="skeleton creator-skeleton-head" />}
      <span class="skeleton creator-skeleton-numbers" />
      <span class="skeleton creator-skeleton-curve" />
      <span class="skeleton creator-skeleton-curve" />
    </div>
  );
}
