/** Whom we have blocked, the newest block first. */
import { me } from '../accounts/session';
import { PeopleList } from '../follows/people-list';
import { PageFrame } from '../kit/page-frame';
import { keepBlocked } from './store';

export function BlockedPage() {
  return (
    <PageFrame title="Blocked people" note={`@${me.value?.username ?? ''}`} backTo="/settings">
      <PeopleList path="/me/blocks" taken={keepBlocked} emptyTitle="You block nobody">
        Whom you block is listed here. The way to it is on their profile.
      </PeopleList>
    </PageFrame>
  );
}
