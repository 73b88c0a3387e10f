/** A short vibration, where the device supports it. */
const SHORT_MS = 12;

export function buzz(): void {
  if ('vibrate' in navigator) navigator.vibrate(SHORT_MS);
}
