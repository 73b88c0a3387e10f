/** Die Verbindung. */
import type { live as english } from '../en/live';

export const live: typeof english = {
  offline: 'Du bist offline. Neue Videos kommen, wenn du wieder da bist.',
  away: 'Verbindung wird aufgebaut …',
  back: 'Wieder da',
};
