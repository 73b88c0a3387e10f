/** The focus goes along to new pages: for whoever hears pages rather than sees them. */
import { useEffect, useRef } from 'preact/hooks';
import { enterContent } from '../kit/content';

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
