/** Die Verbindung. */
import type { Words } from '../words';

export const live: Words['live'] = {
  offline: 'Du bist offline',
  away: 'Verbindung wird aufgebaut …',
  back: 'Wieder online',
};
