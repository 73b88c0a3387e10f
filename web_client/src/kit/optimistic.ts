/** Optimistic changes: on the screen at once, told to the server one after the other, taken back when it refuses. */
import { changed } from './moments';
import { tellFailure } from './toast';

interface Parts<State> {
  /** What is on the screen of the thing with this id. */
  shown: (id: string) => State;
  show: (id: string, state: State) => void;
  /** Asks the server for it; answers what holds then. */
  send: (id: string, wish: State) => Promise<State>;
  /** Reads and shows the thing anew: a request that failed may have arrived all the same. */
  reread?: (id: string) => Promise<unknown>;
}

interface Pending<State> {
  wish: State;
  sent: boolean;
  /** What the server is known to have. */
  confirmed: State;
}

/**
 * Makes the function that changes such things. Of each thing one request is on its way at a time, and the newest wish is what is
 * sent next: two at once could arrive in either order. Only once nothing newer is wished the screen shows what the server has.
 */
export function optimistic<State>({ shown, show, send, reread }: Parts<State>) {
  const pending = new Map<string, Pending<State>>();
  return async (id: string, wish: State): Promise<void> => {
    const running = pending.get(id);
    const change = running ?? { wish, sent: false, confirmed: shown(id) };
    change.wish = wish;
    change.sent = false;
    changed(id);
    show(id, wish);
    if (running) return;
    pending.set(id, change);
    let failure: unknown = null;
    while (!change.sent) {
      change.sent = true;
      try {
        change.confirmed = await send(id, change.wish);
        failure = null;
      } catch (error) {
        failure = error;
      }
      changed(id);
    }
    pending.delete(id);
    show(id, change.confirmed);
    if (failure === null) return;
    tellFailure(failure);
    await reread?.(id).catch(() => undefined);
  };
}
