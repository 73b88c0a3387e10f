/** The ways through the application. */
export const nav = {
  main: 'Main',
  notifications: 'Notifications',
  notificationsNew: (shown: string) => `Notifications, ${shown} new`,
  post: 'Post a video',
  profile: 'Profile',
  logIn: 'Log in',
  settings: 'Settings',
};
