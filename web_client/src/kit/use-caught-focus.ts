/** Where the focus goes when what had it is gone. */
import type { RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { enterContent } from './content';

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

/**
 * A ref for what holds things that go, has a tabIndex, and takes the focus when the one that had it is gone; when it is gone
 * itself the page takes it. Nothing is taken from whoever was elsewhere.
 */
export function useHeldFocus<Holder extends HTMLElement>(): RefObject<Holder | null> {
  const place = useRef<Holder>(null);
  const { activeElement } = document;
  const had = place.current?.contains(activeElement) ? activeElement : null;
  useLayoutEffect(() => {
    if (!had || had.isConnected || !hasNoFocus()) return;
    if (place.current) place.current.focus({ preventScroll: true });
    else enterContent();
  });
  return place;
}

function hasNoFocus(): boolean {
  return !document.activeElement || document.activeElement === document.body;
}
