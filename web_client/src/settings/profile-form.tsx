/** The words of one's own profile. */
import { useSignal } from '@preact/signals';
import { accountChanged } from '../accounts/session';
import { useForm } from '../kit/use-form';
import { call } from '../api/call';
import { Problem } from '../api/problem';
import type { Account } from '../api/types';
import { keepUser } from '../follows/store';
import { Button } from '../kit/button';
import { Field } from '../kit/field';
import { trimmed } from '../kit/text';
import { tell } from '../kit/toast';
import { words } from '../words/words';

const LONGEST_NAME = 50;
const LONGEST_BIO = 160;

export function ProfileForm({ account }: { account: Account }) {
  const says = words.value.settings;
  const name = useSignal(account.display_name);
  const bio = useSignal(account.bio);
  const form = useForm(
    async () => {
      const body = { display_name: trimmed(name.value), bio: trimmed(bio.value) };
      const changed = await call('PATCH', '/me', { body });
      accountChanged(changed);
      keepUser(changed);
      tell(says.saved);
    },
    (error) => (error instanceof Problem ? error.fields : {}),
  );
  const same = trimmed(name.value) === account.display_name && trimmed(bio.value) === account.bio;
  return (
    <form class="settings-part" noValidate onSubmit={form.submit}>
      <h2>{says.profile}</h2>
      <Field
        name="display_name"
        label={says.name}
        value={name.value}
        onValue={(value) => (name.value = value)}
        most={LONGEST_NAME}
        error={form.faults.display_name}
        input={{ autocomplete: 'name' }}
      />
      <Field
        name="bio"
        label={says.bio}
        lines={3}
        value={bio.value}
        onValue={(value) => (bio.value = value)}
        most={LONGEST_BIO}
        error={form.faults.bio}
      />
      {form.failure && (
        <p class="entry-failure" role="alert">
          {form.failure}
        </p>
      )}
      <Button class="button button-main" off={same || form.busy}>
        {form.busy ? says.saving : says.save}
      </Button>
    </form>
  );
}
