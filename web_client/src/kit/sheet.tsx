/** A sheet from the bottom edge: a modal dialog that follows the finger down and keeps the focus inside. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icon';
import { Toasts } from './toast';
import './sheet.css';

const CLOSE_AFTER_PX = 90;

interface SheetProps {
  title: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
  /** As tall as two thirds of the screen, whatever is inside. */
  tall?: boolean;
}

export function Sheet({ title, onClose, children, tall = false }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const drag = useDragDown(dialog, onClose);

  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      // A dialog gives the focus back when it is closed, not when it is gone.
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      class={tall ? 'sheet sheet-tall' : 'sheet'}
      aria-labelledby="sheet-title"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="sheet-body">
        <header class="sheet-head" {...drag}>
          <i class="sheet-grip" />
          <h2 id="sheet-title">{title}</h2>
          <button class="sheet-close" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
      {/* What is outside of an open dialog cannot be touched. */}
      <Toasts />
    </dialog>
  );
}

/** Pointer handlers for the head: the sheet follows the finger, and closes when let go far enough down. */
function useDragDown(dialog: { current: HTMLDialogElement | null }, onClose: () => void) {
  const from = useRef<number | null>(null);
  const moved = (event: PointerEvent) =>
    from.current === null ? 0 : Math.max(0, event.clientY - from.current);
  const settle = (event: PointerEvent) => {
    if (from.current === null) return;
    const far = moved(event) > CLOSE_AFTER_PX;
    from.current = null;
    dialog.current?.style.removeProperty('translate');
    if (far) onClose();
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.target instanceof Element && event.target.closest('button')) return;
      from.current = event.clientY;
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => {
      if (from.current !== null)
        dialog.current?.style.setProperty('translate', `0 ${moved(event)}px`);
    },
    onPointerUp: settle,
    onPointerCancel: settle,
  };
}
