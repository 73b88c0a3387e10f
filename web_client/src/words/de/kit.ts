/** Bedienelemente, die überall gleich sind. */
import type { Words } from '../words';

export const kit: Words['kit'] = {
  back: 'Zurück',
  close: 'Schließen',
  dismiss: 'Ausblenden',
  tryAgain: 'Noch einmal versuchen',
  failed: 'Das hat nicht geklappt',
  left: (n) => `noch ${n} Zeichen`,
  password: {
    show: 'Zeigen',
    showIt: 'Passwort zeigen',
    hide: 'Verbergen',
    hideIt: 'Passwort verbergen',
  },
  link: {
    copied: 'Link kopiert',
    copyThis: (url) => `Kopiere diesen Link: ${url}`,
  },
};
