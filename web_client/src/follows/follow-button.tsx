/** Follow, or Following: the word says the state, a press changes it. */
import type { Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import type { User } from '../api/types';
import { words } from '../words/words';
import { isMe, setFollowing } from './store';

interface FollowButtonProps {
  user: Signal<User>;
  wide?: boolean;
  /** Takes the focus of what was there before. */
  place: RefObject<HTMLButtonElement | null>;
}

export function FollowButton({ user, wide = false, place }: FollowButtonProps) {
  const { id, username, viewer } = user.value;
  if (isMe(id)) return null;
  const following = viewer?.following ?? false;
  const says = words.value.people;
  return (
    <button
      ref={place}
      class={`button ${following ? '' : 'button-main'} ${wide ? 'button-wide' : 'button-slim'}`}
      aria-label={following ? says.unfollowThem(username) : says.followThem(username)}
      onClick={() => void setFollowing(user, !following)}
    >
      {following ? says.following : says.follow}
    </button>
  );
}
