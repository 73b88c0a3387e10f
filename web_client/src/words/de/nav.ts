/** Die Wege durch die Anwendung. */
import type { nav as english } from '../en/nav';

export const nav: typeof english = {
  main: 'Hauptmenü',
  notifications: 'Mitteilungen',
  notificationsNew: (shown) => `Mitteilungen, ${shown} neue`,
  post: 'Video posten',
  profile: 'Profil',
  logIn: 'Anmelden',
  settings: 'Einstellungen',
};
