/**
 * What can be taken back for a moment although the server knows no way back: it is sent once it is too late for that, or when
 * the page is left.
 */
import { waited } from './backoff';
import { toast } from './toast';

/** Ends, early, the time in which each of them can be taken back. */
const pending = new Set<() => void>();
/** What is on its way to the server. */
const acting = new Set<Promise<void>>();

interface Undoable {
  /** What has happened, on the screen already. */
  text: string;
  /** What the button says that takes it back. */
  undo: string;
  takeBack: () => void;
  /** Does it for good; resolves once the server has answered, whatever it said. */
  act: () => Promise<void>;
}

/** Says what has happened, with a way back for as long as the words stand there. */
export function undoable({ text, undo, takeBack, act }: Undoable): void {
  // One that was still there with the same words ends now, and does what it had to do.
  const end = toast(text, {
    action: {
      label: undo,
      run: () => {
        pending.delete(end);
        takeBack();
      },
    },
    ended: () => {
      pending.delete(end);
      const done = act().finally(() => acting.delete(done));
      acting.add(done);
    },
  });
  pending.add(end);
}

/** Whatever waits is done now: nobody can take it back any more. */
export function settleAll(): void {
  [...pending].forEach((end) => end());
}

/** The same, and waits for the server's answers; not for longer than that many milliseconds. */
export async function settled(withinMs: number): Promise<void> {
  settleAll();
  if (acting.size) await Promise.race([Promise.allSettled(acting), waited(withinMs)]);
}

/** Once: a page that is hidden may not come back. */
export function startSettling(): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') settleAll();
  });
  addEventListener('pagehide', settleAll);
}
