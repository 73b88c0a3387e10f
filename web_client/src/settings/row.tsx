/** A line of the settings that leads somewhere or does something. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Button } from '../kit/button';
import { Icon, type IconName } from '../kit/icon';

interface RowProps {
  icon: IconName;
  label: string;
  note?: ComponentChildren;
  /** Where it leads; without it `onClick` is what it does. */
  href?: string;
  onClick?: () => void;
  /** It cannot be pressed now. */
  off?: boolean;
  /** There is no way back from it. */
  grave?: boolean;
}

export function Row({ icon, label, note, href, onClick, off = false, grave = false }: RowProps) {
  const notes = useId();
  const names = { 'aria-label': label, ...(note ? { 'aria-describedby': notes } : {}) };
  const inside = (
    <>
      <Icon name={icon} />
      <span class="row-words">
        <b>{label}</b>
        {note && <small id={notes}>{note}</small>}
      </span>
      {href && <Icon name="next" />}
    </>
  );
  const look = grave ? 'row row-grave' : 'row';
  if (href)
    return (
      <a class={look} href={href} {...names}>
        {inside}
      </a>
    );
  return (
    <Button class={look} off={off} onClick={onClick} {...names}>
      {inside}
    </Button>
  );
}
