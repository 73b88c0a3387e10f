/** Bedienelemente, die überall gleich sind. */
import type { Words } from '../words';

export const kit: Words['kit'] = {
  back: 'Zurück',
  close: 'Schließen',
  dismiss: 'Ausblenden',
  tryAgain: 'Noch einmal versuchen',
  failed: 'Das hat nicht geklappt',
  password: { label: 'Passwort anzeigen', show: 'Zeigen', hide: 'Verbergen' },
};
