/** The three feeds, with their tabs, what they say when they are empty or at their end, and the pill of new videos. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { askToJoin } from '../accounts/join';
import { me } from '../accounts/session';
import type { ViewSource } from '../api/types';
import { Icon } from '../kit/icon';
import { Empty, Failed } from '../kit/state';
import type { VideoList } from '../videos/list';
import { words } from '../words/words';
import { FeedFrame } from './feed-frame';
import { following, refreshFollowing } from './following';
import { latest } from './latest';
import { NewPill } from './new-pill';
import { useNothingToPlay } from './nothing';
import { Reel } from './reel';
import { ReelSkeleton } from './skeleton';
import { suggested, whyOf } from './suggested';

type Tab = 'following' | 'forYou' | 'latest';

const PATHS: Readonly<Record<Tab, string>> = {
  following: '/',
  forYou: '/for-you',
  latest: '/latest',
};

export function FollowingPage() {
  const end = (
    <SeenAll
      why={words.value.feed.seenAllFollowing}
      onAnew={() => void refreshFollowing()}
      other="forYou"
    />
  );
  return (
    <FeedPage
      list={following}
      tab="following"
      source={fromFollowing}
      empty={<QuietFeed />}
      end={end}
    />
  );
}

export function ForYouPage() {
  useLayoutEffect(() => void suggested.load(), []);
  const end = (
    <SeenAll
      why={words.value.feed.seenAllForYou}
      onAnew={() => void suggested.reload()}
      other="latest"
    />
  );
  return (
    <FeedPage
      list={suggested}
      tab="forYou"
      source={fromOthers}
      note={whyWords}
      empty={me.value ? end : <NothingPosted />}
      end={end}
    />
  );
}

export function LatestPage() {
  useLayoutEffect(() => void latest.load(), []);
  const end = (
    <SeenAll
      why={words.value.feed.seenAllLatest}
      onAnew={() => void latest.reload()}
      other="forYou"
    />
  );
  return (
    <FeedPage list={latest} tab="latest" source={fromOthers} empty={<NothingPosted />} end={end} />
  );
}

const fromFollowing = (): ViewSource => 'following';
/** Suggested; and of the latest, whom one does not follow yet: of all sources this is the nearest. */
const fromOthers = (): ViewSource => 'suggested';

function whyWords(id: string): string | undefined {
  const code = whyOf(id);
  return code && words.value.feed.why[code];
}

interface FeedPageProps {
  list: VideoList;
  tab: Tab;
  source: (id: string) => ViewSource;
  note?: (id: string) => string | undefined;
  empty: ComponentChildren;
  end: ComponentChildren;
}

function FeedPage({ list, tab, source, note, empty, end }: FeedPageProps) {
  useNothingToPlay(list);
  const count = list.ids.value.length;
  const title = words.value.feed[tab];
  return (
    <FeedFrame
      title={title}
      bare={count === 0}
      videoId={list.ended.value ? null : list.current.value}
    >
      <FeedBar tab={tab} />
      {tab === 'following' && <NewPill />}
      {count > 0 ? (
        <Reel key={tab} list={list} label={title} source={source} note={note} end={end} />
      ) : list.state.value === 'failed' ? (
        <Failed error={list.failure.value} onRetry={() => void list.reload()} />
      ) : list.state.value === 'ready' ? (
        empty
      ) : (
        <ReelSkeleton />
      )}
    </FeedFrame>
  );
}

function FeedBar({ tab }: { tab: Tab }) {
  const says = words.value.feed;
  const tabLink = (name: Tab, href = PATHS[name]) => (
    <a href={href} aria-current={tab === name ? 'page' : undefined}>
      {says[name]}
    </a>
  );
  return (
    <header class="feed-bar">
      <nav class="feed-tabs" aria-label={says.feeds}>
        {tabLink('following', me.value ? '/' : '/welcome')}
        {tabLink('forYou')}
        {tabLink('latest')}
      </nav>
      <a class="round-button feed-find" href="/find" aria-label={says.search}>
        <Icon name="find" />
      </a>
    </header>
  );
}

/** The end of a feed, or all of it: it can be begun anew, and there are others. */
function SeenAll({ why, onAnew, other }: { why: string; onAnew: () => void; other: Tab }) {
  const says = words.value.feed;
  return (
    <Empty
      icon="check"
      title={says.seenAll}
      actions={
        <>
          <button class="button button-main" onClick={onAnew}>
            {says.beginAnew}
          </button>
          <a class="button" href={PATHS[other]}>
            {other === 'latest' ? says.seeLatest : says.seeForYou}
          </a>
        </>
      }
    >
      {why}
    </Empty>
  );
}

function QuietFeed() {
  const says = words.value.feed;
  return (
    <Empty
      icon="spark"
      title={says.quiet}
      actions={
        <>
          <a class="button button-main" href="/find">
            {says.findPeople}
          </a>
          <a class="button" href={PATHS.forYou}>
            {says.seeForYou}
          </a>
        </>
      }
    >
      {says.quietWhy}
    </Empty>
  );
}

function NothingPosted() {
  const says = words.value.feed;
  return (
    <Empty
      icon="film"
      title={says.nobodyPosted}
      actions={
        <a
          class="button button-main"
          href="/post"
          onClick={(event) => {
            if (askToJoin(says.toPost)) event.preventDefault();
          }}
        >
          {says.postFirst}
        </a>
      }
    >
      {me.value ? says.firstCouldBeYours : says.firstAsGuest}
    </Empty>
  );
}
