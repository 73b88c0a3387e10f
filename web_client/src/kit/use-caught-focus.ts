/** Where the focus goes when what had it is gone. */
import { useCallback, useEffect, useRef } from 'preact/hooks';

/**
 * A ref for what takes the focus when `shown` changes and nothing has it any more: else it would fall to the beginning of
 * the page. What takes it has a tabIndex.
 */
export function useCaughtFocus(shown: unknown): (element: HTMLElement | null) => void {
  const place = useRef<HTMLElement | null>(null);
  const before = useRef(shown);
  useEffect(() => {
    if (before.current === shown) return;
    before.current = shown;
    if (hasNoFocus()) place.current?.focus({ preventScroll: true });
  }, [shown]);
  return useCallback((element: HTMLElement | null) => {
    place.current = element;
  }, []);
}

function hasNoFocus(): boolean {
  return !document.activeElement || document.activeElement === document.body;
}
