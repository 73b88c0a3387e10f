/** Die Worte um ein Video, wer es sehen darf, das eigene, und das Teilen. */
import type { Words } from '../words';

export const videos: Words['videos'] = {
  untitled: 'Video ohne Titel',
  everyone: 'Alle',
  followers: 'Follower',
  onlyMe: 'Nur ich',

  title: 'Titel',
  titleHint: 'Worum geht es? Setz #hashtags',
  description: 'Beschreibung',
  descriptionHint: 'Erzähl mehr, erwähne @leute',
  whoMaySee: 'Wer darf es sehen?',
  whoSees: {
    public: 'Alle können es sehen; wer dir folgt, sieht es sofort.',
    followers: 'Nur wer dir folgt, kann es sehen, und zwar sofort.',
    private: 'Nur du kannst es sehen.',
  },

  yours: 'Dein Video',
  stats: 'Statistik ansehen',
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
