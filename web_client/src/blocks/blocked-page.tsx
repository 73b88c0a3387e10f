/** Whom we have blocked, the newest block first. */
import { me } from '../accounts/session';
import { PeopleList } from '../follows/people-list';
import { call } from '../api/call';
import { PageFrame } from '../kit/page-frame';
import type { PageQuery } from '../kit/pages';
import { keepBlocked } from './store';

const ask = (query: PageQuery) => call('GET', '/me/blocks', { query });

export function BlockedPage() {
  return (
    <PageFrame title="Blocked people" note={`@${me.value?.username ?? ''}`} backTo="/settings">
      <PeopleList ask={ask} taken={keepBlocked} emptyTitle="You block nobody">
        Whom you block is listed here. The way to it is on their profile.
      </PeopleList>
    </PageFrame>
  );
}
