/**
 * The field for a comment: grows with it, counts down from 160, sends with Enter; Shift and Enter begin a line. Guests find a
 * button in its place.
 */
import { useSignal } from '@preact/signals';
import type { TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { askToJoin } from '../accounts/join';
import { me } from '../accounts/session';
import { Counter } from '../kit/counter';
import { Icon } from '../kit/icon';
import { freshKey } from '../kit/keys';
import { codePoints } from '../kit/numbers';
import { trimmed } from '../kit/text';
import { words } from '../words/words';
import { closeComments, FIELD_ID } from './open';
import type { Thread } from './thread';

const MOST = 160;

export function CommentField({ thread }: { thread: Thread }) {
  return me.value ? <Writing thread={thread} /> : <LogInToComment />;
}

function LogInToComment() {
  const says = words.value.comments;
  const ask = () => {
    askToJoin(says.toComment);
    closeComments();
  };
  return (
    <button id={FIELD_ID} class="say say-guest" onClick={ask}>
      {says.logIn}
    </button>
  );
}

function Writing({ thread }: { thread: Thread }) {
  const says = words.value.comments;
  const text = useSignal('');
  const field = useGrowing(text.value);
  const length = codePoints(trimmed(text.value));
  const left = MOST - length;
  const submit = (event: Event) => {
    event.preventDefault();
    if (length === 0 || left < 0) return;
    const words = trimmed(text.value);
    text.value = '';
    void thread.say(words, freshKey());
  };
  return (
    <form class="say" onSubmit={submit}>
      <label class="only-heard" for={FIELD_ID}>
        {says.add}
      </label>
      <textarea
        ref={field}
        id={FIELD_ID}
        rows={1}
        autocomplete="off"
        enterkeyhint="send"
        placeholder={says.add}
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={sendWithEnter}
      />
      <div class="say-end">
        <small class={left < 0 ? 'say-left say-over' : 'say-left'}>
          <Counter left={left} of={MOST} />
        </small>
        <button class="say-send" aria-label={says.send} disabled={length === 0 || left < 0}>
          <span>
            <Icon name="send" />
          </span>
        </button>
      </div>
    </form>
  );
}

/** Not the Enter that ends composing a word, as in Chinese. */
function sendWithEnter(event: TargetedKeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== 'Enter' || event.shiftKey || composes(event)) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}

function composes(event: KeyboardEvent): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Safari tells the last key of composing by this alone
  return event.isComposing || event.keyCode === 229;
}

/** As high as its text, as far as the styles let it. */
function useGrowing(text: string) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const { current } = field;
    if (!current || CSS.supports('field-sizing', 'content')) return;
    current.style.height = 'auto';
    current.style.height = `${current.scrollHeight}px`;
  }, [text]);
  return field;
}
