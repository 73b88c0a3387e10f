/** Follow, or Following: the word says the state, a press changes it. */
import type { Signal } from '@preact/signals';
import type { User } from '../api/types';
import { words } from '../words/words';
import { isMe, setFollowing } from './store';

export function FollowButton({ user, wide = false }: { user: Signal<User>; wide?: boolean }) {
  const { id, username, viewer } = user.value;
  if (isMe(id)) return null;
  const following = viewer?.following ?? false;
  const says = words.value.people;
  return (
    <button
      class={`button ${following ? '' : 'button-main'} ${wide ? 'button-wide' : 'button-slim'}`}
      aria-label={following ? says.unfollowThem(username) : says.followThem(username)}
      onClick={() => void setFollowing(user, !following)}
    >
      {following ? says.following : says.follow}
    </button>
  );
}
