/** Der Rahmen um alle Seiten, und die Seiten, die nirgendwohin führen. */
import type { Words } from '../words';

export const app: Words['app'] = {
  home: 'reelwire, Startseite',
  skip: 'Zum Inhalt springen',
  starting: 'Es geht los',
  offline: 'Du bist offline',
  unreachable: 'Der Server ist nicht erreichbar',
  goesOn: 'Die Seite lädt von selbst, sobald die Verbindung steht.',
  tryNow: 'Jetzt versuchen',
  newVersion: { text: 'Es gibt eine neue Version.', reload: 'Neu laden' },
  lost: {
    title: 'Nicht gefunden',
    nothing: 'Hier ist nichts',
    why: 'Vielleicht ist der Link alt, oder in der Adresse steckt ein Tippfehler.',
    goHome: 'Zur Startseite',
  },
};
