/** Die Verbindung. */
import type { Words } from '../words';

export const live: Words['live'] = {
  offline: 'Du bist offline. Neue Videos kommen, wenn du wieder da bist.',
  away: 'Verbindung wird aufgebaut …',
  back: 'Wieder da',
};
