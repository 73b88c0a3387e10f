/** Passing a page on: the system's sheet on phones, a copied link elsewhere. */
import { words } from '../words/words';
import { tell } from './toast';

/** One of our pages, as it is passed on. */
interface Passed {
  title: string;
  /** Without the origin. */
  path: string;
  /** What is said once its link is copied; where nothing is given, just that. */
  copied?: string | undefined;
}

/** False when the person thought better of it. */
export async function passOn(page: Passed): Promise<boolean> {
  if (!matchMedia('(pointer: coarse)').matches || !('share' in navigator)) {
    await copyLink(page);
    return true;
  }
  try {
    await navigator.share({ title: page.title, url: location.origin + page.path });
  } catch (error) {
    // The sheet was closed. Anything else is the browser's refusal, about which nobody was asked.
    if (error instanceof DOMException && error.name === 'AbortError') return false;
    await copyLink(page);
  }
  return true;
}

/** The link on the clipboard; where that is forbidden, on the screen. */
export async function copyLink({ path, copied }: Omit<Passed, 'title'>): Promise<void> {
  const says = words.value.kit.link;
  const url = location.origin + path;
  try {
    await navigator.clipboard.writeText(url);
    tell(copied ?? says.copied);
  } catch {
    tell(says.copyThis(url));
  }
}
