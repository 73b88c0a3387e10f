/** The field for a comment: counts down from 160, sends with Enter. Guests find a button in its place. */
import { useSignal } from '@preact/signals';
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
      <input
        id={FIELD_ID}
        autocomplete="off"
        enterkeyhint="send"
        placeholder={says.add}
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      <small class={left < 0 ? 'say-left say-over' : 'say-left'}>
        <Counter left={left} of={MOST} />
      </small>
      <button class="say-send" aria-label={says.send} disabled={length === 0 || left < 0}>
        <span>
          <Icon name="send" />
        </span>
      </button>
    </form>
  );
}
