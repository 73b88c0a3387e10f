/** An account: who it is, what it posted; for oneself also what is being posted. */
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { me } from '../accounts/session';
import { call } from '../api/call';
import { refusedWith } from '../api/problem';
import type { User } from '../api/types';
import { BlockMenu } from '../blocks/block-menu';
import { isBlocked, learnBlocked, onBlockChange } from '../blocks/store';
import { fetchUser } from '../follows/store';
import { PageFrame } from '../kit/page-frame';
import { Icon } from '../kit/icon';
import { passOn } from '../kit/pass-on';
import { Said } from '../kit/said';
import { Empty, Failed } from '../kit/state';
import { lastPlayable } from '../upload/uploads';
import { UploadCards } from '../upload/upload-card';
import { Grid } from '../videos/grid';
import { VideoList } from '../videos/list';
import { onVideoGone } from '../videos/store';
import { words } from '../words/words';
import { NoVideos } from './no-videos';
import { ProfileHead, ProfileHeadSkeleton } from './profile-head';
import './profile.css';

const PAGE = 18;

export function ProfilePage({ username }: { username: string }) {
  const mine = me.value?.username.toLowerCase() === username.toLowerCase();
  const { user, failure, load } = useProfile(username);
  const list = videosOf(username);
  useEffect(() => void list.reload(), [list]);
  useOwnArrivals(list, mine);
  useEffect(() => void (me.value && learnBlocked()), []);

  if (failure) {
    const nobody = refusedWith(failure, 'not_found');
    return (
      <PageFrame
        title={`@${username}`}
        windowTitle={nobody ? words.value.profile.notFound : `@${username}`}
        backTo="/"
      >
        {nobody ? <Nobody username={username} /> : <Failed error={failure} onRetry={load} />}
      </PageFrame>
    );
  }
  return (
    <PageFrame
      title={`@${user?.value.username ?? username}`}
      windowTitle={user ? inFull(user.value) : `@${username}`}
      wide
      {...barFor(mine, user)}
    >
      {user ? <ProfileHead user={user} /> : <ProfileHeadSkeleton />}
      {mine && <UploadCards />}
      <Grid
        list={list}
        expected={user?.value.counts.videos}
        empty={
          <NoVideos
            mine={mine}
            blocked={user !== null && isBlocked(user.value.id)}
            followed={user?.value.viewer?.following ?? false}
          />
        }
      />
    </PageFrame>
  );
}

function inFull({ display_name, username }: User): string {
  const named = display_name && display_name !== username;
  return named ? `${display_name} (@${username})` : `@${username}`;
}

function barFor(mine: boolean, user: Signal<User> | null) {
  const share = user && <ShareButton user={user} mine={mine} />;
  if (!mine) {
    const menu = me.value && user && <BlockMenu user={user} />;
    return {
      backTo: '/',
      actions: (
        <>
          {share}
          {menu}
        </>
      ),
    };
  }
  return {
    actions: (
      <>
        {share}
        <a class="round-button" href="/settings" aria-label={words.value.profile.settings}>
          <Icon name="gear" />
        </a>
      </>
    ),
  };
}

function ShareButton({ user, mine }: { user: Signal<User>; mine: boolean }) {
  const { username } = user.value;
  const { share, shareOwn } = words.value.profile;
  return (
    <button
      class="round-button"
      aria-label={mine ? shareOwn : share(username)}
      onClick={() => void passOn({ title: inFull(user.value), path: `/@${username}` })}
    >
      <Icon name="share" />
    </button>
  );
}

function Nobody({ username }: { username: string }) {
  const says = words.value.profile;
  return (
    <Empty
      icon="person"
      title={says.nobody}
      actions={
        <a class="button button-main" href="/find">
          {says.findPeople}
        </a>
      }
    >
      <Said text={says.nobodyMore} parts={{ name: `@${username}` }} />
    </Empty>
  );
}

const LISTS_KEPT = 10;
const lists = new Map<string, VideoList>();

/** The grid of an account; the last ones are kept, so that coming back shows at once what was there. */
function videosOf(username: string): VideoList {
  const known = lists.get(username);
  if (known) return known;
  const list = new VideoList((cursor) =>
    call('GET', '/users/{user}/videos', {
      path: { user: username },
      query: { limit: PAGE, cursor },
    }),
  );
  lists.set(username, list);
  const [oldest] = lists.keys();
  if (lists.size > LISTS_KEPT && oldest) lists.delete(oldest);
  return list;
}

onVideoGone((id) => lists.forEach((list) => list.remove(id)));
onBlockChange(() => lists.clear());

function useProfile(username: string) {
  const user = useSignal<Signal<User> | null>(null);
  const failure = useSignal<unknown>(null);
  const load = () => {
    failure.value = null;
    fetchUser(username).then(
      (found) => (user.value = found),
      (error: unknown) => (failure.value = error),
    );
  };
  useEffect(load, [username]); // eslint-disable-line react-hooks/exhaustive-deps -- signals never change identity
  return { user: user.value, failure: failure.value, load };
}

/** On one's own profile a video joins the grid the moment it plays. */
function useOwnArrivals(list: VideoList, mine: boolean): void {
  const video = mine ? lastPlayable.value : null;
  useEffect(() => {
    if (!video || list.state.value !== 'ready' || list.has(video.id)) return;
    list.prepend([video.id]);
    const account = me.value;
    // For the number of videos, which is right at the next visit if this fails.
    if (account) fetchUser(account.id).catch(() => undefined);
  }, [video, list]);
}
