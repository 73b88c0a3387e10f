/** The two feeds, with their tabs, their empty states and the pill of new videos. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { askToJoin } from '../accounts/join';
import { me } from '../accounts/session';
import { Icon } from '../kit/icon';
import { Empty, Failed } from '../kit/state';
import type { VideoList } from '../videos/list';
import { FeedFrame } from './feed-frame';
import { following } from './following';
import { latest } from './latest';
import { NewPill } from './new-pill';
import { Reel } from './reel';
import { ReelSkeleton } from './skeleton';

export function FollowingPage() {
  return <FeedPage list={following} tab="following" empty={<QuietFeed />} />;
}

export function LatestPage() {
  useEffect(() => void latest.load(), []);
  return <FeedPage list={latest} tab="latest" empty={<NothingPosted />} />;
}

const fromFollowing = () => 'following' as const;
/** Whom one does not follow yet: of all sources this is the nearest. */
const fromLatest = () => 'suggested' as const;

interface FeedPageProps {
  list: VideoList;
  tab: 'following' | 'latest';
  empty: ComponentChildren;
}

function FeedPage({ list, tab, empty }: FeedPageProps) {
  const count = list.ids.value.length;
  return (
    <FeedFrame
      title={tab === 'following' ? 'Following' : 'Latest'}
      bare={count === 0}
      videoId={list.current.value}
    >
      <FeedBar tab={tab} />
      {tab === 'following' && <NewPill />}
      {count > 0 ? (
        <Reel
          list={list}
          label={tab === 'following' ? 'Following' : 'Latest'}
          source={tab === 'following' ? fromFollowing : fromLatest}
        />
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

function FeedBar({ tab }: { tab: FeedPageProps['tab'] }) {
  const tabLink = (name: FeedPageProps['tab'], href: string, words: string) => (
    <a href={href} aria-current={tab === name ? 'page' : undefined}>
      {words}
    </a>
  );
  return (
    <header class="feed-bar">
      <nav class="feed-tabs" aria-label="Feeds">
        {tabLink('following', '/', 'Following')}
        {tabLink('latest', '/latest', 'Latest')}
      </nav>
      <a class="round-button feed-find" href="/find" aria-label="Search">
        <Icon name="find" />
      </a>
    </header>
  );
}

function QuietFeed() {
  return (
    <Empty
      icon="spark"
      title="Your feed is quiet"
      actions={
        <>
          <a class="button button-main" href="/find">
            Find people
          </a>
          <a class="button" href="/latest">
            See the latest
          </a>
        </>
      }
    >
      Follow somebody, and their next video plays here by itself the moment it can be watched.
    </Empty>
  );
}

function NothingPosted() {
  return (
    <Empty
      icon="film"
      title="Nobody has posted yet"
      actions={
        <a
          class="button button-main"
          href="/post"
          onClick={(event) => {
            if (askToJoin('to post videos')) event.preventDefault();
          }}
        >
          Post the first video
        </a>
      }
    >
      {me.value
        ? 'The first one could be yours.'
        : 'The first one could be yours: create an account and post it.'}
    </Empty>
  );
}
