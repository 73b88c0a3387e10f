/** The pages beside the feeds and the menus over them, together in one chunk (lazily.tsx): the first video does not wait for them. */
export { LogInPage } from '../accounts/log-in';
export { SignUpPage } from '../accounts/sign-up';
export { WelcomePage } from '../accounts/welcome';
export { BlockedPage } from '../blocks/blocked-page';
export { OverviewPage } from '../creator/overview-page';
export { StatsPage } from '../creator/stats-page';
export { FindPage } from '../find/find-page';
export { HashtagPage } from '../find/hashtag-page';
export { PeoplePage } from '../follows/people-page';
export { NotificationsPage } from '../notifications/notifications-page';
export { ProfilePage } from '../profile/profile-page';
export { SessionsPage } from '../settings/sessions-page';
export { SettingsPage } from '../settings/settings-page';
export { PostPage } from '../upload/post-page';
export { Sheets } from './sheets';
