/** The ways through the application: a bar under the thumb, on wide screens a column. */
import type { ComponentChildren } from 'preact';
import { askToJoin } from '../accounts/join';
import { me } from '../accounts/session';
import { following, refreshFollowing } from '../feed/following';
import { fresh } from '../feed/following';
import { Avatar } from '../kit/avatar';
import { Icon, type IconName } from '../kit/icon';
import { path } from '../kit/router';
import { unread } from '../notifications/unread';
import { Wordmark } from './wordmark';
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

export function Nav() {
  const account = me.value;
  return (
    <nav class="nav" aria-label="Main">
      <Wordmark />
      <Entry
        href="/"
        name={account ? 'Following' : 'Home'}
        icon="home"
        mark={fresh.value.length > 0 && <i class="nav-dot" />}
      />
      <Entry href="/latest" name="Latest" icon="spark" wideOnly />
      <Entry href="/find" name="Search" icon="find" wideOnly />
      <PostEntry />
      {account && <NotificationsEntry />}
      <Entry
        href={account ? `/@${account.username}` : '/log-in'}
        name={account ? 'Profile' : 'Log in'}
        icon="person"
      />
      {account && (
        <a class="nav-me" href="/settings">
          <Avatar of={account} />
          <span class="nav-me-words">
            <b>{account.display_name || account.username}</b>
            <small>@{account.username}</small>
          </span>
          <Icon name="gear" />
          <span class="only-heard">Settings</span>
        </a>
      )}
    </nav>
  );
}

function NotificationsEntry() {
  const many = unread.value;
  const shown = many < 100 ? String(many) : '99+';
  return (
    <Entry
      href="/notifications"
      name="Notifications"
      label={many > 0 ? `Notifications, ${shown} new` : 'Notifications'}
      icon="bell"
      mark={many > 0 && <i class="nav-count">{shown}</i>}
    />
  );
}

function Entry({ href, name, label = name, icon, wideOnly = false, mark }: Place) {
  const here = path.value === href;
  return (
    <a
      class={wideOnly ? 'nav-entry nav-wide' : 'nav-entry'}
      href={href}
      aria-current={here ? 'page' : undefined}
      aria-label={label}
      onClick={() => {
        if (here && href === '/' && following.state.value !== 'new') void refreshFollowing();
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
      aria-label="Post a video"
      aria-current={path.value === '/post' ? 'page' : undefined}
      onClick={(event) => {
        if (askToJoin('to post videos')) event.preventDefault();
      }}
    >
      <span>
        <Icon name="plus" />
        <b>Post a video</b>
      </span>
    </a>
  );
}
