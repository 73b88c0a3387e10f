/** What a guest sees on trying what needs an account: why, and the two ways in. */
import { signal } from '@preact/signals';
import { Sheet } from '../kit/sheet';
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
  return (
    <Sheet title="Join reelwire" onClose={close}>
      <div class="join">
        <p>You need an account {reason.value}. It takes half a minute.</p>
        <a class="button button-main button-wide" href="/sign-up" onClick={close}>
          Create an account
        </a>
        <a class="button button-wide" href="/log-in" onClick={close}>
          Log in
        </a>
      </div>
    </Sheet>
  );
}
