/** Was misslang, und was man tun kann; was der Server sagt, nach seinem Code. */
import type { Words } from '../words';

export const failures: Words['failures'] = {
  unreachable: 'Der Server ist nicht erreichbar. Prüf deine Verbindung und versuch es noch einmal.',
  ours: 'Etwas ist schiefgegangen. Lade die Seite neu und versuch es noch einmal.',
  byCode: {
    bad_credentials:
      'Benutzername oder Passwort ist falsch. Prüf beides und versuch es noch einmal.',
    username_taken: 'Dieser Benutzername ist schon vergeben. Nimm einen anderen.',
    email_taken: 'Mit dieser E-Mail gibt es schon ein Konto. Melde dich stattdessen an.',
    too_many_follows: 'Mehr Leuten kannst du nicht folgen. Entfolge zuerst jemandem.',
    too_many_blocks: 'Mehr Leute kannst du nicht blockieren. Heb zuerst eine Blockierung auf.',
    cannot_follow_blocked: 'Du hast dieses Konto blockiert. Heb die Blockierung zuerst auf.',
    not_playable: 'Dieses Video ist noch nicht so weit. Versuch es gleich noch einmal.',
    in_progress: 'Das läuft noch. Versuch es gleich noch einmal.',
    not_found: 'Das gibt es nicht mehr, oder du darfst es nicht sehen.',
    rate_limited: 'Das war viel auf einmal. Warte kurz und versuch es noch einmal.',
    quota_exceeded: 'Für heute hast du genug gepostet. Morgen geht es weiter.',
    unavailable: 'Der Server ist gerade ausgelastet. Versuch es in ein paar Sekunden noch einmal.',
    storage_full: 'Der Server hat gerade keinen Platz für weitere Videos. Versuch es später.',
    upload_too_large: 'Diese Datei ist zu groß. Nimm eine kürzere oder kleinere.',
    upload_expired: 'Dieser Upload hat zu lange gewartet. Poste das Video noch einmal.',
  },
};
