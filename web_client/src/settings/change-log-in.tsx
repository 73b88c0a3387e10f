/** What one logs in with: the e-mail and the password, changed by whoever knows the current one. */
import { useSignal } from '@preact/signals';
import { accountChanged } from '../accounts/session';
import { call } from '../api/call';
import type { Account } from '../api/types';
import { Button } from '../kit/button';
import { Field } from '../kit/field';
import { Sheet } from '../kit/sheet';
import { tell } from '../kit/toast';
import { useForm } from '../kit/use-form';
import { words } from '../words/words';
import { changesOf, faultsOf, type LogInTyped, slipsOf } from './log-in-changes';
import { Row } from './row';

export function ChangeLogIn({ account }: { account: Account }) {
  const open = useSignal(false);
  const says = words.value.settings;
  return (
    <>
      <Row
        icon="lock"
        label={says.logIn}
        note={says.logInMeans}
        onClick={() => (open.value = true)}
      />
      {open.value && <ChangeSheet account={account} onClose={() => (open.value = false)} />}
    </>
  );
}

function ChangeSheet({ account, onClose }: { account: Account; onClose: () => void }) {
  const says = words.value.settings;
  const typed = useSignal<LogInTyped>({ email: account.email, password: '', current: '' });
  const set = (change: Partial<LogInTyped>) => (typed.value = { ...typed.value, ...change });
  const { email, password, current } = typed.value;
  const changes = changesOf(typed.value, account.email);
  const form = useForm(async () => {
    accountChanged(await call('PATCH', '/me', { body: { ...changes, current_password: current } }));
    tell(changes.password ? says.savedEverywhere : says.saved);
    onClose();
  }, faultsOf);
  return (
    <Sheet title={says.logIn} onClose={onClose}>
      <form
        class="settings-sheet"
        noValidate
        onSubmit={(event) => form.submit(event, slipsOf(typed.value))}
      >
        <Field
          name="email"
          label={words.value.accounts.email}
          value={email}
          onValue={(value) => set({ email: value.trim() })}
          error={form.faults.email}
          input={{ type: 'email', autocomplete: 'email', maxLength: 254 }}
        />
        <Field
          name="password"
          label={says.newPassword}
          value={password}
          onValue={(value) => set({ password: value })}
          hint={says.newPasswordHint}
          error={form.faults.password}
          input={{ type: 'password', autocomplete: 'new-password', maxLength: 256 }}
        />
        <Field
          name="current_password"
          label={says.currentPassword}
          value={current}
          onValue={(value) => set({ current: value })}
          error={form.faults.current_password}
          input={{ type: 'password', autocomplete: 'current-password', maxLength: 256 }}
        />
        {form.failure && (
          <p class="entry-failure" role="alert">
            {form.failure}
          </p>
        )}
        <Button class="button button-main" off={Object.keys(changes).length === 0 || form.busy}>
          {form.busy ? says.saving : says.save}
        </Button>
      </form>
    </Sheet>
  );
}
