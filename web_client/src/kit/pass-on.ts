/** Passing a page on: the system's sheet on phones, a copied link elsewhere. */
import { tell } from './toast';

interface Sayings {
  /** The link is in the clipboard. */
  copied: string;
  /** It could not be put there. */
  copyThis: (url: string) => string;
}

/** False when the person thought better of it. `path` is one of ours, without the origin. */
export async function passOn(title: string, path: string, said: Sayings): Promise<boolean> {
  const url = location.origin + path;
  if (matchMedia('(pointer: coarse)').matches && 'share' in navigator) {
    try {
      await navigator.share({ title, url });
      return true;
    } catch {
      return false;
    }
  }
  try {
    await navigator.clipboard.writeText(url);
    tell(said.copied);
  } catch {
    tell(said.copyThis(url));
  }
  return true;
}
