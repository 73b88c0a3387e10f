/** The blurred picture that is on the screen before the poster: decoded from the few bytes in the feed's JSON. */
import { thumbHashToDataURL } from 'thumbhash';

const LONGEST = 64;
const pictures = new Map<string, string>();

/** A data URL for a base64 thumbhash; null when there is none or it is damaged. */
export function blurred(thumbhash: string | null): string | null {
  if (!thumbhash || thumbhash.length > LONGEST) return null;
  const known = pictures.get(thumbhash);
  if (known) return known;
  try {
    const bytes = Uint8Array.from(atob(thumbhash), (letter) => letter.charCodeAt(0));
    const url = thumbHashToDataURL(bytes);
    pictures.set(thumbhash, url);
    return url;
  } catch {
    return null;
  }
}
