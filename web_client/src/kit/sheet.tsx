/** A sheet from the bottom edge: a modal dialog that follows the finger down and keeps the focus inside. */
import { type ReadonlySignal, signal, useComputed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { words } from '../words/words';
import { Icon } from './icon';
import { useDragDown } from './sheet-drag';
import { Toasts } from './toast';
import './sheet.css';

interface SheetProps {
  title: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
  /** As tall as two thirds of the screen, whatever is inside. */
  tall?: boolean;
}

/** Those that are open, the topmost last. */
const open = signal<readonly symbol[]>([]);

/** What lies beside a sheet cannot be reached: toasts are shown in the topmost one, or on the page without one. */
export function PageToasts() {
  return open.value.length === 0 ? <Toasts /> : null;
}

export function Sheet({ title, onClose, children, tall = false }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { drag, leave } = useDragDown(dialog, onClose);
  const isTop = useOpen(dialog);
  return (
    <dialog
      ref={dialog}
      class={tall ? 'sheet sheet-tall' : 'sheet'}
      aria-labelledby="sheet-title"
      onCancel={(event) => {
        event.preventDefault();
        leave();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) leave();
      }}
    >
      <div class="sheet-body" {...drag}>
        <header class="sheet-head">
          <i class="sheet-grip" />
          <h2 id="sheet-title">{title}</h2>
          <button class="sheet-close" aria-label={words.value.kit.close} onClick={leave}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
      {isTop.value && <Toasts />}
    </dialog>
  );
}

/** Opens the dialog for as long as it is there; whether it is the topmost. */
function useOpen(dialog: { current: HTMLDialogElement | null }): ReadonlySignal<boolean> {
  const mine = useRef(Symbol('sheet')).current;
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    open.value = [...open.value, mine];
    return () => {
      open.value = open.value.filter((other) => other !== mine);
      // A dialog gives the focus back when it is closed, not when it is gone.
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    };
  }, [dialog, mine]);
  return useComputed(() => open.value.at(-1) === mine);
}
