/** An account's followers, or those it follows. */
import { useCallback } from 'preact/hooks';
import { call } from '../api/call';
import { PageFrame } from '../kit/page-frame';
import type { PageQuery } from '../kit/paging';
import { words } from '../words/words';
import { PeopleList } from './people-list';

interface PeoplePageProps {
  username: string;
  list: 'followers' | 'following';
}

export function PeoplePage({ username, list }: PeoplePageProps) {
  const followers = list === 'followers';
  const says = words.value.people;
  const name = `@${username}`;
  const ask = useCallback(
    (query: PageQuery) =>
      call('GET', followers ? '/users/{user}/followers' : '/users/{user}/following', {
        path: { user: username },
        query,
      }),
    [username, followers],
  );
  return (
    <PageFrame
      title={followers ? says.followers : says.following}
      windowTitle={followers ? says.followersOf(name) : says.followedBy(name)}
      note={name}
      backTo={`/@${username}`}
    >
      <PeopleList ask={ask} emptyTitle={followers ? says.noFollowers : says.followsNobody}>
        {followers ? says.noFollowersMore : says.followsNobodyMore}
      </PeopleList>
    </PageFrame>
  );
}
