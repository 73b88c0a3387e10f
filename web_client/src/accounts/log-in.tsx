/** The way back in. */
import { useSignal } from '@preact/signals';
import { Field } from '../kit/field';
import { words } from '../words/words';
import { EntryPage } from './entry-page';
import { logIn } from './session';
import { useForm } from '../kit/use-form';

/** Why one is here, by the address that `over` leads to. */
const NOTES: Partial<Record<string, 'ended' | 'left'>> = { '#ended': 'ended', '#left': 'left' };

export function LogInPage() {
  const says = words.value.accounts;
  const why = NOTES[location.hash];
  const login = useSignal('');
  const password = useSignal('');
  const form = useForm(
    () => logIn(login.value, password.value),
    () => ({}),
  );
  const slips = () => {
    const found: Record<string, string> = {};
    if (!login.value) found.login = says.needLogin;
    if (!password.value) found.password = says.needPassword;
    return found;
  };
  return (
    <EntryPage
      title={says.logIn}
      action={says.logIn}
      note={why && says[why]}
      busy={form.busy}
      failure={form.failure}
      onSubmit={(event) => form.submit(event, slips())}
      aside={says.forgotten}
      other={{ words: says.newHere, href: '/sign-up', action: says.signUp }}
    >
      <Field
        name="login"
        label={says.login}
        value={login.value}
        onValue={(value) => (login.value = value.trim())}
        error={form.faults.login}
        input={{
          autocomplete: 'username',
          autocapitalize: 'none',
          spellcheck: false,
          autofocus: true,
        }}
      />
      <Field
        name="password"
        label={says.password}
        value={password.value}
        onValue={(value) => (password.value = value)}
        error={form.faults.password}
        input={{ type: 'password', autocomplete: 'current-password' }}
      />
    </EntryPage>
  );
}
