/** A sheet from the bottom edge: a modal dialog that follows the finger down and keeps the focus inside. */
import { type ReadonlySignal, signal, useComputed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { words } from '../words/words';
import { Icon } from './icon';
import { useDragDown } from './sheet-drag';
import { Toasts } from './toast';
import { useModal } from './use-modal';
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
  return <Toasts here={open.value.length === 0} />;
}

export function Sheet({ title, onClose, children, tall = false }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { drag, leave } = useDragDown(dialog, onClose);
  const heading = useId();
  const isTop = useTop();
  useModal(dialog);
  useEffect(() => {
    // After the sheet, so that they lie above it. A browser without popovers shows them anyway.
    const above = dialog.current?.querySelector<HTMLElement>(':scope > [popover]');
    if (above && 'showPopover' in above) above.showPopover();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={tall ? 'sheet sheet-tall' : 'sheet'}
      aria-labelledby={heading}
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
          <h2 id={heading}>{title}</h2>
          <button class="sheet-close" aria-label={words.value.kit.close} onClick={leave}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
      <Toasts here={isTop.value} above />
    </dialog>
  );
}

/** Whether it is the topmost of those that are open. */
function useTop(): ReadonlySignal<boolean> {
  const mine = useRef(Symbol('sheet')).current;
  useEffect(() => {
    open.value = [...open.value, mine];
    return () => {
      open.value = open.value.filter((other) => other !== mine);
    };
  }, [mine]);
  return useComputed(() => open.value.at(-1) === mine);
}
