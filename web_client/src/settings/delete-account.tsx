/** The way out for good: asks for the password, and says what goes. */
import { useSignal } from '@preact/signals';
import { deleteAccount, me } from '../accounts/session';
import { useEntry } from '../accounts/use-entry';
import { Problem, refusedWith } from '../api/problem';
import { Field } from '../kit/field';
import { Sheet } from '../kit/sheet';

export function DeleteAccount() {
  const open = useSignal(false);
  return (
    <section class="settings-part">
      <button
        class="button button-line button-wide settings-leave"
        onClick={() => (open.value = true)}
      >
        Delete account
      </button>
      {open.value && <Confirmation onClose={() => (open.value = false)} />}
    </section>
  );
}

function Confirmation({ onClose }: { onClose: () => void }) {
  const password = useSignal('');
  const entry = useEntry(
    () => deleteAccount(password.value),
    (error) => {
      if (refusedWith(error, 'bad_password')) return { password: 'This is not your password' };
      return error instanceof Problem ? error.fields : {};
    },
  );
  return (
    <Sheet title="Delete your account?" onClose={onClose}>
      <form
        class="settings-delete"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          entry.submit(password.value ? {} : { password: 'Type your password' });
        }}
      >
        <p>
          @{me.value?.username} goes with all videos, comments, likes and follows, at once and for
          good. Nobody can bring it back.
        </p>
        <Field
          name="password"
          label="Password"
          value={password.value}
          onValue={(value) => (password.value = value)}
          error={entry.faults.password}
          input={{ type: 'password', autocomplete: 'current-password' }}
        />
        {entry.failure && (
          <p class="entry-failure" role="alert">
            {entry.failure}
          </p>
        )}
        <button class="button button-wide settings-leave" disabled={entry.busy}>
          {entry.busy ? 'Deleting …' : 'Delete for good'}
        </button>
      </form>
    </Sheet>
  );
}
