/** What else one can do about somebody: block them, or end that. */
import { type Signal, useSignal } from '@preact/signals';
import type { User } from '../api/types';
import { Icon } from '../kit/icon';
import { Sheet } from '../kit/sheet';
import { words } from '../words/words';
import { isBlocked, setBlocked } from './store';
import './blocks.css';

export function BlockMenu({ user }: { user: Signal<User> }) {
  const open = useSignal(false);
  const says = words.value.people;
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
        aria-label={says.moreAbout(username)}
        onClick={() => (open.value = true)}
      >
        <Icon name="more" full />
      </button>
      {open.value && (
        <Sheet title={`@${username}`} onClose={close}>
          <div class="block-menu">
            <p>{isBlocked(id) ? says.unblockMeans : says.blockMeans}</p>
            <button class="button button-wide block-act" onClick={act}>
              {isBlocked(id) ? says.unblock : says.block}
            </button>
          </div>
        </Sheet>
      )}
    </>
  );
}
