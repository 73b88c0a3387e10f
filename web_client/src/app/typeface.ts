/** The typeface: at once where this browser has it, else when the network is free. Until then another one stands in (tokens.css). */
import { keep, kept } from '../kit/kept';
import { networkFree } from './free';

const AT_LATEST_MS = 4_000;
/** Set once the font was loaded; used where there is no service worker to cache it. */
const NAME = 'typeface';

export async function startTypeface(): Promise<void> {
  if (!isCached()) await networkFree(AT_LATEST_MS);
  await import('@fontsource-variable/inter/wght.css');
  keep(NAME, 'inter');
}

function isCached(): boolean {
  if ('serviceWorker' in navigator) return navigator.serviceWorker.controller !== null;
  return kept(NAME) !== null;
}
