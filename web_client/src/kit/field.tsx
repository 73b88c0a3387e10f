/** A labelled field with its hint, its counter and what is wrong with it. */
import type { ComponentChildren, HTMLAttributes, RefCallback } from 'preact';
import { useId, useState } from 'preact/hooks';
import { words } from '../words/words';
import { Counter } from './counter';
import { codePoints } from './numbers';
import './field.css';

export type Typed = HTMLInputElement | HTMLTextAreaElement;

/** Attributes that one line and several have alike. */
interface TypingAttributes extends Omit<HTMLAttributes<Typed>, 'role'> {
  name?: string;
  value?: string;
  placeholder?: string;
  autocomplete?: 'off';
  ref?: RefCallback<Typed>;
}

/** Attributes of one line alone. */
interface LineAttributes {
  'aria-expanded'?: boolean;
  autocomplete?: string;
  autocapitalize?: 'none';
  autofocus?: boolean;
  maxLength?: number;
  spellcheck?: boolean;
}

interface FieldProps {
  name: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: ComponentChildren;
  error?: string | undefined;
  /** Says how many characters are left of this many. */
  most?: number;
  lines?: number;
  input?: LineAttributes & { type?: 'email' | 'password'; role?: 'combobox' };
  /** Attributes of what is typed into, be it one line or several. */
  typing?: TypingAttributes;
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
  const id = useId();
  const notes = `${id}-notes`;
  const shared: TypingAttributes = {
    ...typing,
    id,
    name,
    value,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': notes,
    onInput: (event) => onValue(event.currentTarget.value),
  };
  return (
    <div class={error ? 'field field-bad' : 'field'}>
      <label for={id}>{label}</label>
      <div class="field-control">
        {lines ? <textarea {...shared} rows={lines} /> : <Line shared={shared} input={input} />}
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
  return (
    <span class={left < 0 ? 'field-left field-over' : 'field-left'}>
      <Counter left={left} of={of} />
    </span>
  );
}

interface LineProps {
  input: FieldProps['input'];
  shared: TypingAttributes;
}

function Line({ input: { type, role, ...input } = {}, shared }: LineProps) {
  if (type === 'password') return <Secret input={input} shared={shared} />;
  if (type === 'email') return <input {...input} {...shared} type="email" />;
  return role ? <input {...input} {...shared} role={role} /> : <input {...input} {...shared} />;
}

interface SecretProps {
  input: LineAttributes;
  shared: TypingAttributes;
}

function Secret({ input, shared }: SecretProps) {
  const [shown, setShown] = useState(false);
  const { show, showIt, hide, hideIt } = words.value.kit.password;
  return (
    <span class="field-secret">
      {shown ? (
        <input {...input} {...shared} type="text" />
      ) : (
        <input {...input} {...shared} type="password" />
      )}
      <button type="button" aria-label={shown ? hideIt : showIt} onClick={() => setShown(!shown)}>
        {shown ? hide : show}
      </button>
    </span>
  );
}
