/** What one can change: the profile's words, light or dark, and the way out. */
import { useSignal } from '@preact/signals';
import { accountChanged, logOut, me } from '../accounts/session';
import { useEntry } from '../accounts/use-entry';
import { Problem } from '../api/problem';
import { call } from '../api/call';
import type { Account } from '../api/types';
import { chooseTheme, type Theme, theme } from '../app/theme';
import { keepUser } from '../follows/store';
import { Field } from '../kit/field';
import { Icon } from '../kit/icon';
import { PageFrame } from '../kit/page-frame';
import { Segments } from '../kit/segments';
import { trimmed } from '../kit/text';
import { tell, tellFailure } from '../kit/toast';
import { DeleteAccount } from './delete-account';
import { DownloadData } from './download-data';
import './settings.css';

const LONGEST_NAME = 50;
const LONGEST_BIO = 160;

export function SettingsPage() {
  const account = me.value;
  if (!account) return null;
  return (
    <PageFrame title="Settings" note={account.email} backTo={`/@${account.username}`}>
      <ProfileForm account={account} />
      <ThemeChoice />
      <section class="settings-part">
        <a class="button button-wide" href="/settings/blocked">
          Blocked people
        </a>
      </section>
      <DownloadData />
      <section class="settings-part">
        <button
          class="button button-line button-wide settings-leave"
          onClick={() => void logOut().catch(tellFailure)}
        >
          <Icon name="leave" />
          Log out
        </button>
        <p class="settings-note">Ends this session here and in every other tab.</p>
      </section>
      <DeleteAccount />
    </PageFrame>
  );
}

function ProfileForm({ account }: { account: Account }) {
  const name = useSignal(account.display_name);
  const bio = useSignal(account.bio);
  const entry = useEntry(
    async () => {
      const body = { display_name: trimmed(name.value), bio: trimmed(bio.value) };
      const changed = await call('PATCH', '/me', { body });
      accountChanged(changed);
      keepUser(changed);
      tell('Saved');
    },
    (error) => (error instanceof Problem ? error.fields : {}),
  );
  const same = trimmed(name.value) === account.display_name && trimmed(bio.value) === account.bio;
  return (
    <form
      class="settings-part"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        entry.submit();
      }}
    >
      <h2>Profile</h2>
      <Field
        name="display_name"
        label="Name"
        value={name.value}
        onValue={(value) => (name.value = value)}
        most={LONGEST_NAME}
        error={entry.faults.display_name}
        input={{ autocomplete: 'name' }}
      />
      <Field
        name="bio"
        label="About you"
        lines={3}
        value={bio.value}
        onValue={(value) => (bio.value = value)}
        most={LONGEST_BIO}
        error={entry.faults.bio}
      />
      {entry.failure && (
        <p class="entry-failure" role="alert">
          {entry.failure}
        </p>
      )}
      <button class="button button-main" disabled={same || entry.busy}>
        {entry.busy ? 'Saving …' : 'Save'}
      </button>
    </form>
  );
}

const THEMES: readonly { value: Theme; words: string }[] = [
  { value: 'system', words: 'System' },
  { value: 'light', words: 'Light' },
  { value: 'dark', words: 'Dark' },
];

function ThemeChoice() {
  return (
    <section class="settings-part">
      <Segments
        legend="Appearance"
        name="theme"
        choices={THEMES}
        value={theme.value}
        onChoose={chooseTheme}
      />
    </section>
  );
}
