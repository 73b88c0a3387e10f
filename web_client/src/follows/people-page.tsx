/** An account's followers, or those it follows. */
import { useCallback } from 'preact/hooks';
import { call } from '../api/call';
import { PageFrame } from '../kit/page-frame';
import type { PageQuery } from '../kit/pages';
import { PeopleList } from './people-list';

interface PeoplePageProps {
  username: string;
  list: 'followers' | 'following';
}

export function PeoplePage({ username, list }: PeoplePageProps) {
  const followers = list === 'followers';
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
      title={followers ? 'Followers' : 'Following'}
      windowTitle={followers ? `Followers of @${username}` : `Followed by @${username}`}
      note={`@${username}`}
      backTo={`/@${username}`}
    >
      <PeopleList ask={ask} emptyTitle={followers ? 'No followers yet' : 'Follows nobody yet'}>
        {followers
          ? 'Whoever follows this account is listed here.'
          : 'Whom this account follows is listed here.'}
      </PeopleList>
    </PageFrame>
  );
}
