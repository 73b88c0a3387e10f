/**
 * What can be taken back for a moment although the server knows no way back: it is sent once it is too late for that, or when
 * the page is left.
 */
import { toast } from './toast';

/** Ends, early, the time in which each of them can be taken back. */
const pending = new Set<() => void>();

interface Undoable {
  /** What has happened, on the screen already. */
  text: string;
  /** What the button says that takes it back. */
  undo: string;
  takeBack: () => void;
  /** Does it for good. */
  act: () => void;
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
      act();
    },
  });
  pending.add(end);
}

/** Whatever waits is done now: nobody can take it back any more. */
export function settleAll(): void {
  [...pending].forEach((end) => end());
}

/** Once: a page that is hidden may not come back. */
export function startSettling(): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') settleAll();
  });
  addEventListener('pagehide', settleAll);
}
