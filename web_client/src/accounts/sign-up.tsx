/** A new account: three fields, checked before they are sent and explained where they are wrong. */
import { useSignal } from '@preact/signals';
import { Problem } from '../api/problem';
import { Field } from '../kit/field';
import { words } from '../words/words';
import { emailSlip, passwordSlip, SHORTEST_PASSWORD } from './credentials';
import { EntryPage } from './entry-page';
import { type NewAccount, signUp } from './session';
import { useForm } from '../kit/use-form';

const USERNAME = /^\w{3,30}$/;

export function SignUpPage() {
  const says = words.value.accounts;
  const typed = useSignal<NewAccount>({ username: '', email: '', password: '' });
  const form = useForm(() => signUp(typed.value), faultsOf);
  const set = (change: Partial<NewAccount>) => (typed.value = { ...typed.value, ...change });
  const { username, email, password } = typed.value;
  return (
    <EntryPage
      title={says.signUp}
      action={says.create}
      busy={form.busy}
      failure={form.failure}
      onSubmit={(event) => form.submit(event, slipsOf(typed.value))}
      other={{ words: says.haveOne, href: '/log-in', action: says.logIn }}
    >
      <Field
        name="username"
        label={says.username}
        value={username}
        onValue={(value) => set({ username: value.trim() })}
        hint={says.usernameHint}
        error={form.faults.username}
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
        label={says.email}
        value={email}
        onValue={(value) => set({ email: value.trim() })}
        hint={says.emailHint}
        error={form.faults.email}
        input={{ type: 'email', autocomplete: 'email', maxLength: 254 }}
      />
      <Field
        name="password"
        label={says.password}
        value={password}
        onValue={(value) => set({ password: value })}
        hint={says.passwordHint(SHORTEST_PASSWORD)}
        error={form.faults.password}
        input={{ type: 'password', autocomplete: 'new-password', maxLength: 256 }}
      />
    </EntryPage>
  );
}

/** What we can tell without asking the server. */
function slipsOf({ username, email, password }: NewAccount): Record<string, string> {
  const says = words.value.accounts;
  const slips: Record<string, string> = {};
  if (!USERNAME.test(username)) slips.username = says.badUsername;
  const [badEmail, badPassword] = [emailSlip(email), passwordSlip(password)];
  if (badEmail) slips.email = badEmail;
  if (badPassword) slips.password = badPassword;
  return slips;
}

/** The fields that the server's refusal is about. */
function faultsOf(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return {};
  const says = words.value.accounts;
  if (error.code === 'username_taken') return { username: says.nameTaken };
  if (error.code === 'email_taken') return { email: says.emailTaken };
  return error.fields;
}
