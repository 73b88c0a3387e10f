/** A modal dialog that is open for as long as it is there. */
import { useEffect } from 'preact/hooks';

/** Opens it; then the focus is where it was, if that is still there. */
export function useModal(dialog: { readonly current: HTMLDialogElement | null }): void {
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      // A dialog gives the focus back when it is closed, not when it is gone.
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    };
  }, [dialog]);
}
