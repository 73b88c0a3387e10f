/** Die Worte um ein Video, wer es sehen darf, das eigene, und das Teilen. */
import type { Words } from '../words';

export const videos: Words['videos'] = {
  untitled: 'Video ohne Titel',
  everyone: 'Alle',
  followers: 'Follower',
  onlyMe: 'Nur ich',

  title: 'Titel',
  titleHint: 'Was ist es? #hashtags sind willkommen',
  description: 'Beschreibung',
  descriptionHint: 'Erzähl mehr, erwähne @leute',
  whoMaySee: 'Wer darf es sehen?',
  whoSees: {
    public: 'Alle können es sehen; wer dir folgt, sieht es sofort.',
    followers: 'Nur wer dir folgt, kann es sehen, und zwar sofort.',
    private: 'Niemand sonst kann es sehen.',
  },

  yours: 'Dein Video',
  stats: 'So wird es gesehen',
  save: 'Speichern',
  saved: 'Gespeichert',
  delete: 'Video löschen',
  deleteTitle: 'Dieses Video löschen?',
  deleteMeans: 'Likes und Kommentare verschwinden mit. Das lässt sich nicht rückgängig machen.',
  deleteForEver: 'Endgültig löschen',
  cancel: 'Abbrechen',
  deleted: 'Gelöscht',

  copiedForSome: 'Link kopiert. Öffnen kann ihn nur, wer das Video sehen darf.',
};
