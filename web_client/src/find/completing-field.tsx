/** A field that completes hashtags and mentions (the combobox pattern of ARIA: the list is below, the focus stays in the field). */
import { useSignal } from '@preact/signals';
import type { ComponentProps } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { call } from '../api/call';
import type { Found } from '../api/types';
import { Avatar } from '../kit/avatar';
import { Field, type Typed } from '../kit/field';
import { words } from '../words/words';
import { askedSoon } from './asking';
import { type Begun, begunAt, completion, stepped } from './completing';
import './completing.css';

type Option = { name: string; user: Found['users'][number] } | { name: string; videos: number };

const MOST_OPTIONS = 5;

export function CompletingField(props: Omit<ComponentProps<typeof Field>, 'below'>) {
  const list = useId();
  const field = useRef<Typed | null>(null);
  const begun = useSignal<Begun | null>(null);
  const active = useSignal(-1);
  const options = useOptions(begun.value);
  const close = () => {
    begun.value = null;
  };
  const look = () => {
    if (!field.current) return;
    const { value, selectionStart, selectionEnd } = field.current;
    const caret = selectionStart === selectionEnd ? selectionStart : null;
    const next = caret === null ? null : begunAt(value, caret);
    if (next?.text !== begun.value?.text || next?.sign !== begun.value?.sign) active.value = -1;
    begun.value = next;
  };
  const choose = ({ name }: Option) => {
    const typed = field.current;
    if (!begun.value || !typed) return;
    const { from, to } = begun.value;
    typed.setRangeText(completion(begun.value, name, typed.value), from, to, 'end');
    props.onValue(typed.value);
    close();
  };
  const step = (by: 1 | -1) => {
    active.value = stepped(active.value, by, options.length);
    document.getElementById(`${list}-${active.value}`)?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (options.length === 0 || event.isComposing) return;
    const chosen = options[active.value];
    if (event.key === 'ArrowDown') step(1);
    else if (event.key === 'ArrowUp') step(-1);
    else if (event.key === 'Escape') close();
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) choose(chosen);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const open = options.length > 0;
  return (
    <Field
      {...props}
      onValue={(value) => {
        props.onValue(value);
        look();
      }}
      {...(props.lines ? {} : { input: { role: 'combobox', 'aria-expanded': open } })}
      typing={{
        ...props.typing,
        ref: (element) => {
          field.current = element;
        },
        'aria-autocomplete': 'list',
        'aria-haspopup': 'listbox',
        'aria-controls': open ? list : undefined,
        'aria-activedescendant': open && active.value >= 0 ? `${list}-${active.value}` : undefined,
        onKeyDown,
        // The caret may have moved without anything being typed.
        onKeyUp: ({ key }: KeyboardEvent) => key !== 'Escape' && look(),
        onClick: look,
        onBlur: close,
      }}
      below={
        open && <Options id={list} options={options} active={active.value} onChoose={choose} />
      }
    />
  );
}

interface OptionsProps {
  id: string;
  options: readonly Option[];
  active: number;
  onChoose: (option: Option) => void;
}

function Options({ id, options, active, onChoose }: OptionsProps) {
  return (
    <ul class="completing" id={id} role="listbox" aria-label={words.value.completing.name}>
      {options.map((option, nth) => (
        <li
          key={option.name}
          id={`${id}-${nth}`}
          role="option"
          aria-selected={nth === active}
          // The focus stays where one types.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(option)}
        >
          <Line option={option} />
        </li>
      ))}
    </ul>
  );
}

function Line({ option }: { option: Option }) {
  if ('user' in option) {
    const { display_name, username } = option.user;
    return (
      <>
        <Avatar of={option.user} />
        <span class="completing-words">
          <b>
            <bdi>{display_name}</bdi>
          </b>
          <small>
            <bdi>@{username}</bdi>
          </small>
        </span>
      </>
    );
  }
  return (
    <>
      <span class="completing-hash" aria-hidden="true">
        #
      </span>
      <span class="completing-words">
        <b>
          <bdi>#{option.name}</bdi>
        </b>
        <small>{words.value.completing.videos(option.videos)}</small>
      </span>
    </>
  );
}

/** What may be meant; an answer that comes too late is dropped, and without one nothing is offered. */
function useOptions(begun: Begun | null): readonly Option[] {
  const options = useSignal<readonly Option[]>([]);
  const q = begun ? begun.sign + begun.text : null;
  useEffect(() => {
    if (q === null) {
      options.value = [];
      return undefined;
    }
    return askedSoon(
      () => optionsFor(q),
      (found) => (options.value = found),
    );
  }, [q, options]);
  return begun ? options.value : [];
}

async function optionsFor(q: string): Promise<Option[]> {
  try {
    return optionsOf(await call('GET', '/search', { query: { q, limit: MOST_OPTIONS } }), q);
  } catch {
    return [];
  }
}

/** Nothing where only what stands there already was found. */
function optionsOf({ users, hashtags }: Found, q: string): Option[] {
  const found: Option[] = q.startsWith('@')
    ? users.map((user) => ({ name: user.username, user }))
    : hashtags.map(({ tag, videos }) => ({ name: tag, videos }));
  const [only] = found;
  return found.length === 1 && only?.name.toLowerCase() === q.slice(1).toLowerCase() ? [] : found;
}
