/** The address bar as a signal: pages are paths, links are plain <a href>. */
import { signal } from '@preact/signals';

/** What history entries that this application made keep: behind them there is a page of ours, this one. */
interface Inside {
  from: string;
}

export const path = signal(location.pathname);

/** Shows another page without loading; `replace` leaves no trace in the history, and `alone` does not lead back either. */
export function go(to: string, { replace = false, alone = false } = {}): void {
  if (replace) history.replaceState(alone ? null : history.state, '', to);
  else if (to !== location.pathname)
    history.pushState({ from: location.pathname } satisfies Inside, '', to);
  path.value = location.pathname;
}

/** The path of the page of ours that led to this one; null where it was opened by itself, or from elsewhere. */
export function cameFrom(): string | null {
  return (history.state as Inside | null)?.from ?? null;
}

/** Back to where we came from inside the application, else to `otherwise`. */
export function back(otherwise: string): void {
  if (cameFrom() !== null) history.back();
  else go(otherwise, { replace: true });
}

/** Follows the browser's buttons, and turns clicks on our own links into `go`. */
export function startRouter(): void {
  addEventListener('popstate', () => {
    path.value = location.pathname;
  });
  addEventListener('click', (event) => {
    const link = ourLink(event);
    if (!link) return;
    event.preventDefault();
    go(link.pathname);
  });
}

function ourLink(event: MouseEvent): HTMLAnchorElement | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link?.origin !== location.origin || link.target || link.hasAttribute('download')) return null;
  return link;
}
