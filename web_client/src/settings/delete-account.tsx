/** The way out for good: asks for the password, and says what goes. */
import { useSignal } from '@preact/signals';
import { deleteAccount, me } from '../accounts/session';
import { useForm } from '../kit/use-form';
import { Problem, refusedWith } from '../api/problem';
import { Button } from '../kit/button';
import { Field } from '../kit/field';
import { Said } from '../kit/said';
import { Sheet } from '../kit/sheet';
import { words } from '../words/words';
import { Row } from './row';

export function DeleteAccount() {
  const open = useSignal(false);
  return (
    <>
      <Row
        icon="trash"
        label={words.value.settings.remove}
        grave
        onClick={() => (open.value = true)}
      />
      {open.value && <Confirmation onClose={() => (open.value = false)} />}
    </>
  );
}

function Confirmation({ onClose }: { onClose: () => void }) {
  const says = words.value.settings;
  const password = useSignal('');
  const form = useForm(
    () => deleteAccount(password.value),
    (error) => {
      if (refusedWith(error, 'bad_password')) return { password: says.wrongPassword };
      return error instanceof Problem ? error.fields : {};
    },
  );
  return (
    <Sheet title={says.removeTitle} onClose={onClose}>
      <form
        class="settings-sheet"
        noValidate
        onSubmit={(event) =>
          form.submit(event, password.value ? {} : { password: says.needPassword })
        }
      >
        <p>
          <Said text={says.removeMeans} parts={{ name: `@${me.value?.username ?? ''}` }} />
        </p>
        <Field
          name="password"
          label={says.password}
          value={password.value}
          onValue={(value) => (password.value = value)}
          error={form.faults.password}
          input={{ type: 'password', autocomplete: 'current-password' }}
        />
        {form.failure && (
          <p class="entry-failure" role="alert">
            {form.failure}
          </p>
        )}
        <Button class="button button-wide settings-leave" off={form.busy}>
          {form.busy ? says.removing : says.removeNow}
        </Button>
        <Button type="button" class="button" off={form.busy} onClick={onClose}>
          {says.cancel}
        </Button>
      </form>
    </Sheet>
  );
}
