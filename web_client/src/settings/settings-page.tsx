/** What one can change: the profile's words, how this device shows things, what suggestions learn, the account. */
import { logOut, me } from '../accounts/session';
import { PageFrame } from '../kit/page-frame';
import { tellFailure } from '../kit/toast';
import { words } from '../words/words';
import { ChangeLogIn } from './change-log-in';
import { DeleteAccount } from './delete-account';
import { DevicePart } from './device-part';
import { DownloadData } from './download-data';
import { ProfileForm } from './profile-form';
import { Row } from './row';
import { SuggestionsPart } from './suggestions-part';
import './settings.css';

export function SettingsPage() {
  const account = me.value;
  if (!account) return null;
  const says = words.value.settings;
  return (
    <PageFrame title={says.title} note={account.email} backTo={`/@${account.username}`}>
      <ProfileForm account={account} />
      <DevicePart />
      <SuggestionsPart />
      <section class="settings-part settings-rows">
        <h2>{says.account}</h2>
        <ChangeLogIn account={account} />
        <Row
          icon="device"
          label={says.sessions}
          note={says.sessionsMeans}
          href="/settings/sessions"
        />
        <Row icon="people" label={words.value.people.blocked} href="/settings/blocked" />
        <DownloadData />
        <Row
          icon="leave"
          label={says.logOut}
          note={says.logOutMeans}
          onClick={() => void logOut().catch(tellFailure)}
        />
        <DeleteAccount />
      </section>
    </PageFrame>
  );
}
