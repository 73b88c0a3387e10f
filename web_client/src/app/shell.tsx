/** The whole application: what the path asks for, the ways around it, and what lies on top. */
import { useEffect } from 'preact/hooks';
import { JoinSheet } from '../accounts/join';
import { session } from '../accounts/session';
import { CommentsSheet } from '../comments/comments';
import { FollowingPage, ForYouPage, LatestPage } from '../feed/feed-page';
import { VideoPage } from '../feed/video-page';
import { enterContent } from '../kit/content';
import { go, path } from '../kit/router';
import { PageToasts } from '../kit/sheet';
import { LiveBanner } from '../live/banner';
import { words } from '../words/words';
import { useFocusOnPages } from './content';
import { LazySheets, Lazily, type Pages } from './lazily';
import { LostPage } from './lost-page';
import { Nav } from './nav';
import { type Route, routeOf } from './routes';
import { Starting } from './starting';
import './shell.css';

export function Shell() {
  const who = session.value;
  const route = routeOf(path.value);
  useFocusOnPages(path.value);
  if (who.kind === 'starting') return <Starting unreachable={who.unreachable} />;
  const member = who.kind === 'member';
  const bare = isBare(route, member);
  return (
    <div class={bare ? 'shell shell-bare' : 'shell'}>
      {!bare && <SkipLink />}
      {!bare && <Nav />}
      <div class="shell-page" id="page">
        <Page route={route} member={member} />
      </div>
      {member && <LiveBanner />}
      <CommentsSheet />
      <LazySheets />
      <JoinSheet />
      <PageToasts />
    </div>
  );
}

/** The first thing that Tab finds: past the ways around to the page (WCAG 2.4.1). */
function SkipLink() {
  const skip = (event: Event) => {
    event.preventDefault();
    enterContent();
  };
  return (
    <a class="skip" href="#page" onClick={skip}>
      {words.value.app.skip}
    </a>
  );
}

/** The way in has no way around. */
function isBare({ page }: Route, member: boolean): boolean {
  return !member && (page === 'welcome' || page === 'log-in' || page === 'sign-up');
}

function Page({ route, member }: { route: Route; member: boolean }) {
  const elsewhere = redirect(route, member);
  if (elsewhere) return <Elsewhere to={elsewhere} />;
  switch (route.page) {
    case 'following':
      return <FollowingPage />;
    case 'for-you':
      return <ForYouPage />;
    case 'latest':
      return <LatestPage />;
    case 'video':
      return <VideoPage key={route.id} id={route.id} />;
    case 'lost':
      return <LostPage />;
    default:
      return <Lazily>{(pages) => <FurtherPage route={route} pages={pages} />}</Lazily>;
  }
}

/** Where somebody is sent instead: guests from what is for members, members from the ways in. */
function redirect({ page }: Route, member: boolean): string | null {
  if (member) return page === 'welcome' || page === 'log-in' || page === 'sign-up' ? '/' : null;
  if (page === 'following') return '/for-you';
  return MEMBERS_ONLY.has(page) ? '/log-in' : null;
}

const MEMBERS_ONLY: ReadonlySet<Route['page']> = new Set([
  'post',
  'notifications',
  'settings',
  'blocked',
  'sessions',
  'creator',
  'stats',
]);

function FurtherPage({ route, pages }: { route: Route; pages: Pages }) {
  switch (route.page) {
    case 'welcome':
      return <pages.WelcomePage />;
    case 'find':
      return <pages.FindPage />;
    case 'hashtag':
      return <pages.HashtagPage key={route.tag} tag={route.tag} />;
    case 'profile':
      return <pages.ProfilePage key={route.username} username={route.username} />;
    case 'people':
      return (
        <pages.PeoplePage
          key={`${route.username} ${route.list}`}
          username={route.username}
          list={route.list}
        />
      );
    case 'post':
      return <pages.PostPage />;
    case 'notifications':
      return <pages.NotificationsPage />;
    case 'settings':
      return <pages.SettingsPage />;
    case 'blocked':
      return <pages.BlockedPage />;
    case 'sessions':
      return <pages.SessionsPage />;
    case 'creator':
      return <pages.OverviewPage />;
    case 'stats':
      return <pages.StatsPage key={route.id} id={route.id} />;
    case 'log-in':
      return <pages.LogInPage />;
    case 'sign-up':
      return <pages.SignUpPage />;
    default:
      return <LostPage />;
  }
}

function Elsewhere({ to }: { to: string }) {
  useEffect(() => go(to, { replace: true }), [to]);
  return null;
}
