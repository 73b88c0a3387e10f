/** The ways through the application: a bar under the thumb, on wide screens a column. */
import type { ComponentChildren } from 'preact';
import { askToJoin } from '../accounts/join';
import { me } from '../accounts/session';
import { following, fresh, refreshFollowing } from '../feed/following';
import { latest } from '../feed/latest';
import { suggested } from '../feed/suggested';
import { Avatar } from '../kit/avatar';
import { Icon, type IconName } from '../kit/icon';
import { path } from '../kit/router';
import { unread } from '../notifications/unread';
import type { VideoList } from '../videos/list';
import { words } from '../words/words';
import { Wordmark } from '../kit/wordmark';
import './nav.css';

interface Place {
  href: string;
  name: string;
  /** What is heard, where it is more than the name. */
  label?: string;
  icon: IconName;
  /** Not in the bar of a phone: it is a tab or an icon of the feed there. */
  wideOnly?: boolean;
  mark?: ComponentChildren;
}

/** The feeds, each with what begins it anew: a tap on where one is already. */
const FEEDS: ReadonlyMap<string, () => void> = new Map([
  ['/', () => anew(following, refreshFollowing)],
  ['/for-you', () => anew(suggested, () => suggested.reload())],
  ['/latest', () => anew(latest, () => latest.reload())],
]);

function anew(list: VideoList, reload: () => Promise<unknown>): void {
  if (list.state.peek() !== 'new') void reload();
}

export function Nav() {
  const account = me.value;
  const { feed, nav } = words.value;
  return (
    <nav class="nav" aria-label={nav.main}>
      <Wordmark />
      {account ? (
        <>
          <Entry
            href="/"
            name={feed.following}
            icon="home"
            mark={fresh.value.length > 0 && <i class="nav-dot" />}
          />
          <Entry href="/for-you" name={feed.forYou} icon="spark" wideOnly />
        </>
      ) : (
        <Entry href="/for-you" name={feed.forYou} icon="home" />
      )}
      <Entry href="/latest" name={feed.latest} icon="clock" wideOnly />
      <Entry href="/find" name={feed.search} icon="find" wideOnly />
      <PostEntry />
      {account && <NotificationsEntry />}
      <Entry
        href={account ? `/@${account.username}` : '/log-in'}
        name={account ? nav.profile : nav.logIn}
        icon="person"
      />
      {account && (
        <a class="nav-me" href="/settings">
          <Avatar of={account} />
          <span class="nav-me-words">
            <b>
              <bdi>{account.display_name}</bdi>
            </b>
            <small>@{account.username}</small>
          </span>
          <Icon name="gear" />
          <span class="only-heard">{nav.settings}</span>
        </a>
      )}
    </nav>
  );
}

function NotificationsEntry() {
  const { nav } = words.value;
  const many = unread.value;
  const shown = many < 100 ? String(many) : '99+';
  return (
    <Entry
      href="/notifications"
      name={nav.notifications}
      label={many > 0 ? nav.notificationsNew(shown) : nav.notifications}
      icon="bell"
      mark={many > 0 && <i class="nav-count">{shown}</i>}
    />
  );
}

function Entry({ href, name, label = name, icon, wideOnly = false, mark }: Place) {
  const here = path.value === href;
  // On a phone one entry stands for all feeds, whose tabs say the rest.
  const among = icon === 'home' && FEEDS.has(path.value);
  return (
    <a
      class={wideOnly ? 'nav-entry nav-wide' : 'nav-entry'}
      href={href}
      aria-current={here ? 'page' : among ? 'true' : undefined}
      aria-label={label}
      onClick={() => {
        if (here) FEEDS.get(href)?.();
      }}
    >
      <span class="nav-icon">
        <Icon name={icon} />
        {mark}
      </span>
      <span class="nav-name">{name}</span>
    </a>
  );
}

function PostEntry() {
  return (
    <a
      class="nav-post"
      href="/post"
      aria-label={words.value.nav.post}
      aria-current={path.value === '/post' ? 'page' : undefined}
      onClick={(event) => {
        if (askToJoin(words.value.feed.toPost)) event.preventDefault();
      }}
    >
      <span>
        <Icon name="plus" />
        <b>{words.value.nav.post}</b>
      </span>
    </a>
  );
}
