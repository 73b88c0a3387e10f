/** Die Wege durch die Anwendung. */
import type { Words } from '../words';

export const nav: Words['nav'] = {
  main: 'Hauptmenü',
  notifications: 'Mitteilungen',
  notificationsNew: (shown) => `Mitteilungen, ${shown} neue`,
  post: 'Video posten',
  profile: 'Profil',
  logIn: 'Anmelden',
  settings: 'Einstellungen',
};
