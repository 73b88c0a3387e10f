/** Whom we have blocked, the newest block first. */
import { PeopleList } from '../follows/people-list';
import { call } from '../api/call';
import { PageFrame } from '../kit/page-frame';
import type { PageQuery } from '../kit/paging';
import { words } from '../words/words';
import { keepBlocked } from './store';

const ask = (query: PageQuery) => call('GET', '/me/blocks', { query });

export function BlockedPage() {
  const says = words.value.people;
  return (
    <PageFrame title={says.blocked} backTo="/settings">
      <PeopleList ask={ask} taken={keepBlocked} emptyTitle={says.blocksNobody}>
        {says.blocksNobodyMore}
      </PeopleList>
    </PageFrame>
  );
}
