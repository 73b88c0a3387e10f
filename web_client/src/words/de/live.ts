/** Die Verbindung. */
import type { Words } from '../words';

export const live: Words['live'] = {
  offline: 'Du bist offline. Neue Videos kommen, sobald du wieder online bist.',
  away: 'Verbindung wird aufgebaut …',
  back: 'Wieder online',
};
