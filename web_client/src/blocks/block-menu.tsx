/** What else one can do about somebody: block them, or end that. */
import { type Signal, useSignal } from '@preact/signals';
import type { User } from '../api/types';
import { Icon } from '../kit/icon';
import { Sheet } from '../kit/sheet';
import { isBlocked, setBlocked } from './store';
import './blocks.css';

export function BlockMenu({ user }: { user: Signal<User> }) {
  const open = useSignal(false);
  const { id, username } = user.value;
  const close = () => {
    open.value = false;
  };
  const act = () => {
    close();
    void setBlocked(user, !isBlocked(id));
  };
  return (
    <>
      <button
        class="round-button"
        aria-label={`More about ${username}`}
        onClick={() => (open.value = true)}
      >
        <Icon name="more" full />
      </button>
      {open.value && (
        <Sheet title={`@${username}`} onClose={close}>
          <div class="block-menu">
            <p>
              {isBlocked(id)
                ? 'You see each other again. Who followed whom does not come back.'
                : 'You stop following each other. Neither sees the other’s videos and comments, and they do not find you.'}
            </p>
            <button class="button button-wide block-act" onClick={act}>
              {isBlocked(id) ? 'Unblock' : 'Block'}
            </button>
          </div>
        </Sheet>
      )}
    </>
  );
}
