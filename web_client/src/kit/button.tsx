/** A button that cannot be pressed now and then, and keeps the focus all the same: one that is disabled drops it. */
import type { ComponentProps } from 'preact';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled' | 'onClick'> {
  /** It cannot be pressed now: something is on its way, or there is nothing to do. */
  off: boolean;
  onClick?: (() => void) | undefined;
}

export function Button({ off, onClick, ...others }: ButtonProps) {
  // Of a form's button it also holds back Enter in a field, which presses it.
  const press = (event: Event) => {
    if (off) event.preventDefault();
    else onClick?.();
  };
  return <button {...others} aria-disabled={off || undefined} onClick={press} />;
}
