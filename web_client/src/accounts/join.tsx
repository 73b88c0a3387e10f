/** What a guest sees on trying what needs an account: why, and the two ways in. */
import { signal } from '@preact/signals';
import { Sheet } from '../kit/sheet';
import { words } from '../words/words';
import { me } from './session';

const reason = signal<string | null>(null);

/** True for guests, who are asked to join; members pass. */
export function askToJoin(why: string): boolean {
  if (me.value) return false;
  reason.value = why;
  return true;
}

export function JoinSheet() {
  if (!reason.value) return null;
  const close = () => {
    reason.value = null;
  };
  const says = words.value.accounts;
  return (
    <Sheet title={says.join} onClose={close}>
      <div class="join">
        <p>{says.joinWhy(reason.value)}</p>
        <a class="button button-main button-wide" href="/sign-up" onClick={close}>
          {says.signUp}
        </a>
        <a class="button button-wide" href="/log-in" onClick={close}>
          {says.logIn}
        </a>
      </div>
    </Sheet>
  );
}
