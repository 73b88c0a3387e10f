/** All of one's own videos with their numbers; each leads to its own page. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { me } from '../accounts/session';
import { call } from '../api/call';
import type { Account, Video } from '../api/types';
import { Icon } from '../kit/icon';
import { PageFrame } from '../kit/page-frame';
import { usePages } from '../kit/paging';
import { Segments } from '../kit/segments';
import { Empty, Failed } from '../kit/state';
import { marksFor } from '../videos/marks';
import { keepVideo, knownVideo } from '../videos/store';
import { nameOf } from '../videos/words';
import { count } from '../words/count';
import { words } from '../words/words';
import { type Order, ordered, wantsMore } from './order';
import { Thumb } from './thumb';
import './creator.css';

export function OverviewPage() {
  const account = me.value;
  return account && <Overview account={account} />;
}

function Overview({ account }: { account: Account }) {
  const says = words.value.creator;
  const order = useSignal<Order>('newest');
  const { items, state, failure, load } = usePages(account.id, async (query) => {
    const page = await call('GET', '/users/{user}/videos', { path: { user: account.id }, query });
    return { ...page, items: page.items.map((video) => keepVideo(video).value.id) };
  });
  const loaded = { videos: items.value.length, state: state.value };
  const known = items.value.flatMap((id) => knownVideo(id)?.value ?? []);
  const videos = ordered(order.value, known, loaded);
  const further = wantsMore(order.value, loaded);
  useEffect(() => {
    if (further) load();
  }, [further]); // eslint-disable-line react-hooks/exhaustive-deps -- it asks from where the list has come to
  return (
    <PageFrame title={says.title} backTo={`/@${account.username}`}>
      {videos.length > 1 && (
        <div class="creator-order">
          <Segments
            legend={says.all}
            name="order"
            choices={[
              { value: 'newest', words: says.newest },
              { value: 'viewed', words: says.mostViewed },
            ]}
            value={order.value}
            onChoose={(chosen) => (order.value = chosen)}
          />
        </div>
      )}
      <ul class="creator-list" aria-label={says.all}>
        {videos.map((video) => (
          <VideoRow key={video.id} video={video} />
        ))}
        {state.value === 'loading' && <RowSkeletons rows={videos.length ? 1 : 5} />}
      </ul>
      {state.value === 'failed' && <Failed error={failure.value} onRetry={load} />}
      {state.value === 'more' && !further && (
        <button class="button button-wide grid-more" onClick={load}>
          {says.more}
        </button>
      )}
      {state.value === 'all' && videos.length === 0 && (
        <Empty
          icon="chart"
          title={says.none}
          actions={
            <a class="button button-main" href="/post">
              {says.post}
            </a>
          }
        >
          {says.noneMore}
        </Empty>
      )}
    </PageFrame>
  );
}

function VideoRow({ video }: { video: Video }) {
  const says = words.value.creator;
  const { views, likes, comments } = video.counts;
  const marks = marksFor(video);
  return (
    <li>
      <a class="creator-row" href={`/videos/${video.id}/stats`}>
        <Thumb video={video} />
        <span class="creator-words">
          <b>
            <bdi>{nameOf(video)}</bdi>
          </b>
          {marks.length > 0 && (
            <small class={marks.some(({ bad }) => bad) ? 'creator-bad' : 'creator-quiet'}>
              {marks.map((mark) => mark.words).join(' · ')}
            </small>
          )}
          <span class="creator-counts">
            <Counted icon="play" of={views} words={says.views(views)} />
            <Counted icon="heart" of={likes} words={says.likes(likes)} />
            <Counted icon="talk" of={comments} words={says.comments(comments)} />
          </span>
        </span>
        <Icon name="next" />
      </a>
    </li>
  );
}

interface CountedProps {
  icon: 'play' | 'heart' | 'talk';
  of: number;
  words: string;
}

function Counted({ icon, of, words: heard }: CountedProps) {
  return (
    <span>
      <Icon name={icon} />
      <span aria-hidden="true">{count(of)}</span>
      <span class="only-heard">{heard}</span>
    </span>
  );
}

function RowSkeletons({ rows }: { rows: number }) {
  return (
    <>
      {Array.from({ length: rows }, (_, row) => (
        <li key={row} class="creator-row" aria-hidden="true">
          <span class="skeleton thumb" />
          <span class="creator-words">
            <span class="skeleton person-line" />
            <span class="skeleton person-line person-short" />
          </span>
        </li>
      ))}
    </>
  );
}
