/** One's own face on one's profile: a button that opens the ways to change it. */
import { useSignal } from '@preact/signals';
import type { User } from '../api/types';
import { Avatar } from '../kit/avatar';
import { Button } from '../kit/button';
import { Icon } from '../kit/icon';
import { Sheet } from '../kit/sheet';
import { tell } from '../kit/toast';
import { words } from '../words/words';
import { changePicture, explainPicture, removePicture } from './picture';
import './own-face.css';

export function OwnFace({ user }: { user: User }) {
  const open = useSignal(false);
  const close = () => {
    open.value = false;
  };
  return (
    <>
      <button
        class="own-face"
        aria-label={
          user.avatar_url ? words.value.profile.face.change : words.value.profile.face.add
        }
        onClick={() => (open.value = true)}
      >
        <Avatar of={user} size="huge" />
        <span class="own-face-mark">
          <Icon name="camera" />
        </span>
      </button>
      {open.value && <FaceSheet user={user} onClose={close} />}
    </>
  );
}

function FaceSheet({ user, onClose }: { user: User; onClose: () => void }) {
  const says = words.value.profile.face;
  const busy = useSignal(false);
  const trouble = useSignal<string | null>(null);
  const act = async (change: () => Promise<void>, said: string) => {
    if (busy.value) return;
    busy.value = true;
    trouble.value = null;
    try {
      await change();
      tell(said);
      onClose();
    } catch (error) {
      trouble.value = explainPicture(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Sheet title={says.title} onClose={onClose}>
      <div class="face-sheet" aria-busy={busy.value}>
        <Avatar of={user} size="huge" />
        <p class="face-note">{says.note}</p>
        <p class="face-trouble" role="alert">
          {trouble.value}
        </p>
        <label
          class={
            busy.value ? 'button button-main face-pick face-busy' : 'button button-main face-pick'
          }
        >
          {busy.value ? says.busy : says.choose}
          <input
            type="file"
            accept="image/*"
            aria-disabled={busy.value || undefined}
            onClick={(event) => busy.value && event.preventDefault()}
            onChange={({ currentTarget }) => {
              const [file] = currentTarget.files ?? [];
              currentTarget.value = '';
              if (file) void act(() => changePicture(file), says.shown);
            }}
          />
        </label>
        {user.avatar_url && (
          <Button
            class="button face-remove"
            off={busy.value}
            onClick={() => void act(removePicture, says.removed)}
          >
            <Icon name="trash" />
            {says.remove}
          </Button>
        )}
      </div>
    </Sheet>
  );
}
