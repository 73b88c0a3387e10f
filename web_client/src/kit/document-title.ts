/** What the window is called, page by page: tabs, histories and screen readers tell pages apart by it (WCAG 2.4.2). */
import { useEffect } from 'preact/hooks';

const NAME = 'reelwire';
/** Characters; a description may stand in for a title, and is read out whole. */
const LONGEST = 150;
/** They turn what follows round, and our name follows (UAX #9). */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** "Latest · reelwire"; the name alone where there is nothing to say. */
export function titled(words: string | null): string {
  if (!words) return NAME;
  const straight = words.replace(TURNING, '');
  const characters = Array.from(straight);
  const short =
    characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : straight;
  return `${short} · ${NAME}`;
}

/** Names the window for as long as a page is shown. */
export function useDocumentTitle(words: string | null): void {
  useEffect(() => {
    document.title = titled(words);
  }, [words]);
}
