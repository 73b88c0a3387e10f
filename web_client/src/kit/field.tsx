/** A labelled field with its hint, its counter and what is wrong with it. */
import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useState } from 'preact/hooks';
import { words } from '../words/words';
import { codePoints } from './numbers';
import './field.css';

interface FieldProps {
  name: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: ComponentChildren;
  error?: string | undefined;
  /** Shows how many characters are left of this many. */
  most?: number;
  lines?: number;
  input?: InputHTMLAttributes;
  /** Attributes of what is typed into, be it one line or several. */
  typing?: object;
  /** Hangs below what is typed into, over what follows. */
  below?: ComponentChildren;
}

export function Field({
  name,
  label,
  value,
  onValue,
  hint,
  error,
  most,
  lines,
  input,
  typing,
  below,
}: FieldProps) {
  const notes = `${name}-notes`;
  const shared = {
    id: name,
    name,
    value,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': notes,
    onInput: (event: { currentTarget: { value: string } }) => onValue(event.currentTarget.value),
  };
  return (
    <div class={error ? 'field field-bad' : 'field'}>
      <label for={name}>{label}</label>
      <div class="field-control">
        {lines ? (
          <textarea {...typing} {...shared} rows={lines} />
        ) : input?.type === 'password' ? (
          <Secret shared={shared} input={input} />
        ) : (
          <input {...input} {...typing} {...shared} />
        )}
        {below}
      </div>
      <p class="field-notes" id={notes}>
        <span class="field-note">{error ?? hint}</span>
        {most !== undefined && <Left of={most} text={value} />}
      </p>
    </div>
  );
}

function Left({ of, text }: { of: number; text: string }) {
  const left = of - codePoints(text);
  return <span class={left < 0 ? 'field-left field-over' : 'field-left'}>{left}</span>;
}

function Secret({ shared, input }: { shared: object; input: InputHTMLAttributes }) {
  const [shown, setShown] = useState(false);
  const { show, showIt, hide, hideIt } = words.value.kit.password;
  const attributes = {
    ...input,
    ...shared,
    type: shown ? 'text' : 'password',
  } as InputHTMLAttributes;
  return (
    <span class="field-secret">
      <input {...attributes} />
      <button type="button" aria-label={shown ? hideIt : showIt} onClick={() => setShown(!shown)}>
        {shown ? hide : show}
      </button>
    </span>
  );
}
