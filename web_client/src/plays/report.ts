/** How a view reaches the server: by the socket, or over HTTP where that is safer. */
import type { View } from '../api/types';

export interface Ways {
  /** By the socket; false when none is open. */
  socket: (views: readonly View[]) => boolean;
  /** By a request that outlives the page. */
  http: (view: View) => void;
}

/** Once, without repeats: a view that is lost is better than one that is told twice. A page that is hidden may not come back. */
export function report(view: View, hidden: boolean, { socket, http }: Ways): void {
  if (hidden || !socket([view])) http(view);
}
