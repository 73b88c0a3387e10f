/** Suche und die Seiten von Hashtags. */
import type { Words } from '../words';
import { counted } from '../count';

export const find: Words['find'] = {
  title: 'Suche',
  what: 'Leute und Hashtags',
  clear: 'Leeren',
  nothing: 'Keine Treffer',
  nothingMore:
    'Versuch es mit weniger Buchstaben. Namen und Hashtags findest du über ihren Anfang.',
  people: 'Leute',
  hashtags: 'Hashtags',
  lately: 'Zuletzt gepostet',
  videos: (n) => counted(n, 'Video', 'Videos'),
  noVideos: 'Noch keine Videos',
  noVideosMore: 'Mit {tag} hat noch niemand gepostet. Das erste Video könnte von dir sein.',
};
