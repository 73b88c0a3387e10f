/** Größen und Zeiten. */
import type { Words } from '../words';

export const numbers: Words['numbers'] = {
  now: 'jetzt',
  minutes: (n) => `${n} Min.`,
  hours: (n) => `${n} Std.`,
  days: (n) => `${n} T.`,
  secondsLeft: (n) => `noch ${n} s`,
  minutesLeft: (n) => `noch ${n} Min.`,
  of: (part, whole) => `${part} von ${whole}`,
};
