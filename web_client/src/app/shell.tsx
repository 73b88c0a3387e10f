/** The whole application: what the path asks for, the ways around it, and what lies on top. */
import { useEffect } from 'preact/hooks';
import { JoinSheet } from '../accounts/join';
import { LogInPage } from '../accounts/log-in';
import { session } from '../accounts/session';
import { SignUpPage } from '../accounts/sign-up';
import { WelcomePage } from '../accounts/welcome';
import { BlockedPage } from '../blocks/blocked-page';
import { CommentsSheet } from '../comments/comments';
import { OverviewPage } from '../creator/overview-page';
import { StatsPage } from '../creator/stats-page';
import { FollowingPage, ForYouPage, LatestPage } from '../feed/feed-page';
import { VideoPage } from '../feed/video-page';
import { FindPage } from '../find/find-page';
import { HashtagPage } from '../find/hashtag-page';
import { PeoplePage } from '../follows/people-page';
import { go, path } from '../kit/router';
import { PageToasts } from '../kit/sheet';
import { LiveBanner } from '../live/banner';
import { ClipMenu } from '../moderation/clip-menu';
import { NotificationsPage } from '../notifications/notifications-page';
import { ProfilePage } from '../profile/profile-page';
import { SessionsPage } from '../settings/sessions-page';
import { SettingsPage } from '../settings/settings-page';
import { PostPage } from '../upload/post-page';
import { OwnVideoSheet } from '../videos/own-video';
import { words } from '../words/words';
import { enterContent, useFocusOnPages } from './content';
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
      <OwnVideoSheet />
      <ClipMenu />
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
  switch (route.page) {
    case 'following':
      return member ? <FollowingPage /> : <Elsewhere to="/for-you" />;
    case 'welcome':
      return member ? <Elsewhere to="/" /> : <WelcomePage />;
    case 'for-you':
      return <ForYouPage />;
    case 'latest':
      return <LatestPage />;
    case 'find':
      return <FindPage />;
    case 'video':
      return <VideoPage key={route.id} id={route.id} />;
    case 'hashtag':
      return <HashtagPage key={route.tag} tag={route.tag} />;
    case 'profile':
      return <ProfilePage key={route.username} username={route.username} />;
    case 'people':
      return (
        <PeoplePage
          key={`${route.username} ${route.list}`}
          username={route.username}
          list={route.list}
        />
      );
    case 'post':
      return member ? <PostPage /> : <Elsewhere to="/log-in" />;
    case 'notifications':
      return member ? <NotificationsPage /> : <Elsewhere to="/log-in" />;
    case 'settings':
      return member ? <SettingsPage /> : <Elsewhere to="/log-in" />;
    case 'blocked':
      return member ? <BlockedPage /> : <Elsewhere to="/log-in" />;
    case 'sessions':
      return member ? <SessionsPage /> : <Elsewhere to="/log-in" />;
    case 'creator':
      return member ? <OverviewPage /> : <Elsewhere to="/log-in" />;
    case 'stats':
      return member ? <StatsPage key={route.id} id={route.id} /> : <Elsewhere to="/log-in" />;
    case 'log-in':
      return member ? <Elsewhere to="/" /> : <LogInPage />;
    case 'sign-up':
      return member ? <Elsewhere to="/" /> : <SignUpPage />;
    case 'lost':
      return <LostPage />;
  }
}

function Elsewhere({ to }: { to: string }) {
  useEffect(() => go(to, { replace: true }), [to]);
  return null;
}
