/** Den Teil eines Videos wählen, der gepostet wird. */
import type { Words } from '../words';

export const trim: Words['trim'] = {
  name: 'Kürzen',
  start: 'Anfang',
  end: 'Ende',
  hint: 'Zieh an den Enden, um nur einen Teil zu posten.',
  part: (length, of) => `${length} von ${of}`,
  most: (length) => `Höchstens ${length}.`,
  whole: 'Zurücksetzen',
  cannot: 'Diese Datei lässt sich hier nicht kürzen. Sie wird ganz gepostet.',
};
