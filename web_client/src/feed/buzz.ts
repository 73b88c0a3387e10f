/** A word for the finger, where the device can say it. */
const SHORT_MS = 12;

export function buzz(): void {
  if ('vibrate' in navigator) navigator.vibrate(SHORT_MS);
}
