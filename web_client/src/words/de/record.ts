/** Ein Video mit der Kamera aufnehmen. */
import type { Words } from '../words';

export const record: Words['record'] = {
  title: 'Video aufnehmen',
  asking: 'Warte auf die Kamera …',
  close: 'Schließen',
  turn: 'Kamera wechseln',
  timer: (seconds) => (seconds ? `Timer: ${seconds} Sekunden` : 'Timer: aus'),
  start: 'Aufnehmen',
  stopCounting: 'Countdown anhalten',
  pause: 'Anhalten',
  goOn: 'Weiter aufnehmen',
  done: 'Fertig',
  finishing: 'Einen Moment …',
  recording: 'Aufnahme läuft',
  paused: 'Angehalten',
  of: (now, most) => `${now} von ${most}`,
  microphone: 'Mikrofon',
  noMicrophone: 'Kein Mikrofon, also kein Ton',
  discardTitle: 'Diese Aufnahme verwerfen?',
  discard: 'Verwerfen',
  keep: 'Behalten',
  again: 'Noch einmal',
  refusedTitle: 'Keine Kamera',
  refused: {
    denied:
      'Diese Seite darf die Kamera nicht benutzen. Erlaub Kamera und Mikrofon neben der Adresszeile oder in den Einstellungen deines Browsers und versuch es noch einmal.',
    missing: 'Keine Kamera gefunden. Wähl stattdessen ein Video von diesem Gerät.',
    busy: 'Eine andere App benutzt gerade die Kamera. Schließ sie und versuch es noch einmal.',
    unsupported:
      'Dieser Browser kann keine Videos aufnehmen. Nimm es mit deiner Kamera-App auf und wähl dann dieses Video.',
    other:
      'Die Kamera geht gerade nicht. Versuch es noch einmal oder wähl ein Video von diesem Gerät.',
  },
};
