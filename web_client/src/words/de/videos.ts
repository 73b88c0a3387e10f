/** Das eigene Video, das Teilen, und wer ein Video sehen darf. */
import type { videos as english } from '../en/videos';

export const videos: typeof english = {
  untitled: 'Video ohne Titel',
  everyone: 'Alle',
  followers: 'Follower',
  onlyMe: 'Nur ich',

  yours: 'Dein Video',
  stats: 'So wird es gesehen',
  title: 'Titel',
  description: 'Beschreibung',
  whoMaySee: 'Wer es sehen darf',
  save: 'Speichern',
  saved: 'Gespeichert',
  delete: 'Video löschen',
  deleteForEver: 'Endgültig löschen',
  deleted: 'Gelöscht',

  copied: 'Link kopiert',
  copiedForSome: 'Link kopiert. Öffnen kann ihn nur, wer das Video sehen darf.',
  copyThis: (url) => `Kopiere diesen Link: ${url}`,
};
