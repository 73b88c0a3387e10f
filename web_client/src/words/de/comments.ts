/** Die Kommentare zu einem Video. */
import { count } from '../count';
import type { Words } from '../words';

export const comments: Words['comments'] = {
  headline: (n) => `${count(n)} ${n === 1 ? 'Kommentar' : 'Kommentare'}`,
  more: 'Mehr zeigen',
  none: 'Noch keine Kommentare',
  noneWhy: 'Schreib den ersten.',
  sending: 'wird gesendet',
  notSent: 'Nicht gesendet. Noch einmal',
  remove: 'Kommentar löschen',
  removed: 'Gelöscht',
  undo: 'Rückgängig',
  add: 'Kommentieren',
  send: 'Senden',
  logIn: 'Zum Kommentieren anmelden',
  toComment: 'um zu kommentieren',
};
