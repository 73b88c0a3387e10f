/** An account's followers, or those it follows. */
import { PageFrame } from '../kit/page-frame';
import { PeopleList } from './people-list';

interface PeoplePageProps {
  username: string;
  list: 'followers' | 'following';
}

export function PeoplePage({ username, list }: PeoplePageProps) {
  const followers = list === 'followers';
  return (
    <PageFrame
      title={followers ? 'Followers' : 'Following'}
      windowTitle={followers ? `Followers of @${username}` : `Followed by @${username}`}
      note={`@${username}`}
      backTo={`/@${username}`}
    >
      <PeopleList
        path={`/users/${username}/${list}`}
        emptyTitle={followers ? 'No followers yet' : 'Follows nobody yet'}
      >
        {followers
          ? 'Whoever follows this account is listed here.'
          : 'Whom this account follows is listed here.'}
      </PeopleList>
    </PageFrame>
  );
}
