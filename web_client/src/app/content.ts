/** Where the page itself begins: for the skip link, and for whoever hears pages rather than sees them. */
import { useEffect, useRef } from 'preact/hooks';

/** Moves the focus to the page, past the ways around it. */
export function enterContent(): void {
  const main = document.querySelector('main');
  if (!main) return;
  main.tabIndex = -1;
  main.focus({ preventScroll: true });
}

/** After a way was taken the focus is on the new page: else it would stay on a link that may be gone (WCAG 2.4.3). */
export function useFocusOnPages(path: string): void {
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    // A page may have put the focus into its first field already.
    if (!document.activeElement?.closest('main, dialog')) enterContent();
  }, [path]);
}
