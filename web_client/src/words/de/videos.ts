/** Das eigene Video, das Teilen, und wer ein Video sehen darf. */
import type { Words } from '../words';

export const videos: Words['videos'] = {
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

  copiedForSome: 'Link kopiert. Öffnen kann ihn nur, wer das Video sehen darf.',
};
