/** Follow, or Following: the word says the state, a press changes it. */
import type { Signal } from '@preact/signals';
import type { User } from '../api/types';
import { isMe, setFollowing } from './store';

export function FollowButton({ user, wide = false }: { user: Signal<User>; wide?: boolean }) {
  const { id, username, viewer } = user.value;
  if (isMe(id)) return null;
  const following = viewer?.following ?? false;
  return (
    <button
      class={`button ${following ? '' : 'button-main'} ${wide ? 'button-wide' : 'button-slim'}`}
      aria-pressed={following}
      aria-label={following ? `Following ${username}. Press to unfollow` : `Follow ${username}`}
      onClick={() => void setFollowing(user, !following)}
    >
      {following ? 'Following' : 'Follow'}
    </button>
  );
}
