/** A new account: three fields, checked before they are sent and explained where they are wrong. */
import { useSignal } from '@preact/signals';
import { Problem } from '../api/problem';
import { Field } from '../kit/field';
import { words } from '../words/words';
import { EntryPage } from './entry-page';
import { type NewAccount, signUp } from './session';
import { useEntry } from '../kit/use-entry';

const USERNAME = /^\w{3,30}$/;
const SHORTEST_PASSWORD = 8;

export function SignUpPage() {
  const said = words.value.accounts;
  const form = useSignal<NewAccount>({ username: '', email: '', password: '' });
  const entry = useEntry(() => signUp(form.value), faultsOf);
  const set = (change: Partial<NewAccount>) => (form.value = { ...form.value, ...change });
  const { username, email, password } = form.value;
  return (
    <EntryPage
      title={said.signUp}
      action={said.create}
      busy={entry.busy}
      failure={entry.failure}
      onSubmit={() => entry.submit(slipsOf(form.value))}
      other={{ words: said.haveOne, href: '/log-in', action: said.logIn }}
    >
      <Field
        name="username"
        label={said.username}
        value={username}
        onValue={(value) => set({ username: value.trim() })}
        hint={said.usernameHint}
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
        label={said.email}
        value={email}
        onValue={(value) => set({ email: value.trim() })}
        hint={said.emailHint}
        error={entry.faults.email}
        input={{ type: 'email', autocomplete: 'email', maxLength: 254 }}
      />
      <Field
        name="password"
        label={said.password}
        value={password}
        onValue={(value) => set({ password: value })}
        hint={said.passwordHint(SHORTEST_PASSWORD)}
        error={entry.faults.password}
        input={{ type: 'password', autocomplete: 'new-password', maxLength: 256 }}
      />
    </EntryPage>
  );
}

/** What we can tell without asking the server. */
function slipsOf({ username, email, password }: NewAccount): Record<string, string> {
  const said = words.value.accounts;
  const slips: Record<string, string> = {};
  if (!USERNAME.test(username)) slips.username = said.badUsername;
  if (!/.@./.test(email)) slips.email = said.badEmail;
  if (password.length < SHORTEST_PASSWORD) slips.password = said.shortPassword(SHORTEST_PASSWORD);
  return slips;
}

/** The fields that the server's refusal is about. */
function faultsOf(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return {};
  const said = words.value.accounts;
  if (error.code === 'username_taken') return { username: said.nameTaken };
  if (error.code === 'email_taken') return { email: said.emailTaken };
  return error.fields;
}
