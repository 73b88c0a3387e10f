/** The way back in. */
import { useSignal } from '@preact/signals';
import { Field } from '../kit/field';
import { EntryPage } from './entry-page';
import { logIn } from './session';
import { useEntry } from './use-entry';

/** Why one is here, by the address that `over` leads to. */
const NOTES: Partial<Record<string, string>> = {
  '#ended': 'Your session has ended. Log in again to go on.',
  '#left': 'You logged out.',
};

export function LogInPage() {
  const login = useSignal('');
  const password = useSignal('');
  const entry = useEntry(
    () => logIn(login.value, password.value),
    () => ({}),
  );
  const slips = () => {
    const found: Record<string, string> = {};
    if (!login.value) found.login = 'Enter your username or e-mail';
    if (!password.value) found.password = 'Enter your password';
    return found;
  };
  return (
    <EntryPage
      title="Log in"
      action="Log in"
      note={NOTES[location.hash]}
      busy={entry.busy}
      failure={entry.failure}
      onSubmit={() => entry.submit(slips())}
      other={{ words: 'New here?', href: '/sign-up', action: 'Create an account' }}
    >
      <Field
        name="login"
        label="Username or e-mail"
        value={login.value}
        onValue={(value) => (login.value = value.trim())}
        error={entry.faults.login}
        input={{
          autocomplete: 'username',
          autocapitalize: 'none',
          spellcheck: false,
          autofocus: true,
        }}
      />
      <Field
        name="password"
        label="Password"
        value={password.value}
        onValue={(value) => (password.value = value)}
        error={entry.faults.password}
        input={{ type: 'password', autocomplete: 'current-password' }}
      />
    </EntryPage>
  );
}
