/** A new account: three fields, checked before they are sent and explained where they are wrong. */
import { useSignal } from '@preact/signals';
import { Problem } from '../api/problem';
import { Field } from '../kit/field';
import { EntryPage } from './entry-page';
import { type NewAccount, signUp } from './session';
import { useEntry } from './use-entry';

const USERNAME = /^\w{3,30}$/;
const SHORTEST_PASSWORD = 8;

export function SignUpPage() {
  const form = useSignal<NewAccount>({ username: '', email: '', password: '' });
  const entry = useEntry(() => signUp(form.value), faultsOf);
  const set = (change: Partial<NewAccount>) => (form.value = { ...form.value, ...change });
  const { username, email, password } = form.value;
  return (
    <EntryPage
      title="Create an account"
      action="Create account"
      busy={entry.busy}
      failure={entry.failure}
      onSubmit={() => entry.submit(slipsOf(form.value))}
      other={{ words: 'You have an account?', href: '/log-in', action: 'Log in' }}
    >
      <Field
        name="username"
        label="Username"
        value={username}
        onValue={(value) => set({ username: value.trim() })}
        hint="Letters, digits and _; this is how people find you"
        error={entry.faults.username}
        input={{
          autocomplete: 'username',
          autocapitalize: 'none',
          spellcheck: false,
          maxLength: 30,
          autofocus: true,
        }}
      />
      <Field
        name="email"
        label="E-mail"
        value={email}
        onValue={(value) => set({ email: value.trim() })}
        hint="Nobody else sees it"
        error={entry.faults.email}
        input={{ type: 'email', autocomplete: 'email', maxLength: 254 }}
      />
      <Field
        name="password"
        label="Password"
        value={password}
        onValue={(value) => set({ password: value })}
        hint={`At least ${SHORTEST_PASSWORD} characters`}
        error={entry.faults.password}
        input={{ type: 'password', autocomplete: 'new-password', maxLength: 256 }}
      />
    </EntryPage>
  );
}

/** What we can tell without asking the server. */
function slipsOf({ username, email, password }: NewAccount): Record<string, string> {
  const slips: Record<string, string> = {};
  if (!USERNAME.test(username)) slips.username = 'Use 3 to 30 letters, digits or _';
  if (!/.@./.test(email)) slips.email = 'Enter an address like name@example.org';
  if (password.length < SHORTEST_PASSWORD)
    slips.password = `Use at least ${SHORTEST_PASSWORD} characters`;
  return slips;
}

/** The fields that the server's refusal is about. */
function faultsOf(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return {};
  if (error.code === 'username_taken') return { username: 'Somebody has this name already' };
  if (error.code === 'email_taken')
    return { email: 'There is an account with this e-mail. Log in instead' };
  return error.fields;
}
