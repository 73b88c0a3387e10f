/** Whom we have blocked, the newest block first. */
import { me } from '../accounts/session';
import { usePeople } from '../follows/people-page';
import { PeopleSkeleton, PersonRow } from '../follows/people';
import { PageFrame } from '../kit/page-frame';
import { Empty, Failed } from '../kit/state';
import { keepBlocked } from './store';

export function BlockedPage() {
  const { users, state, failure, load } = usePeople('/me/blocks', keepBlocked);
  return (
    <PageFrame title="Blocked people" note={`@${me.value?.username ?? ''}`} backTo="/settings">
      <ul class="people">
        {users.value.map((user) => (
          <PersonRow key={user.value.id} user={user} />
        ))}
      </ul>
      {state.value === 'loading' && <PeopleSkeleton rows={users.value.length ? 1 : 5} />}
      {state.value === 'failed' && <Failed error={failure.value} onRetry={load} />}
      {state.value === 'more' && (
        <button class="button button-wide people-more" onClick={load}>
          Show more
        </button>
      )}
      {state.value === 'all' && users.value.length === 0 && (
        <Empty icon="people" title="You block nobody">
          Whom you block is listed here. The way to it is on their profile.
        </Empty>
      )}
    </PageFrame>
  );
}
