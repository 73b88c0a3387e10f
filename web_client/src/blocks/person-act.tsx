/** The one button beside a person: Unblock for whom we have blocked, else Follow. */
import type { Signal } from '@preact/signals';
import type { User } from '../api/types';
import { FollowButton } from '../follows/follow-button';
import { useHeldFocus } from '../kit/use-caught-focus';
import { words } from '../words/words';
import { isBlocked, setBlocked } from './store';

export function PersonAct({ user, wide = false }: { user: Signal<User>; wide?: boolean }) {
  const { id, username } = user.value;
  const place = useHeldFocus<HTMLButtonElement>();
  if (!isBlocked(id)) return <FollowButton place={place} user={user} wide={wide} />;
  return (
    <button
      ref={place}
      class={`button ${wide ? 'button-wide' : 'button-slim'}`}
      aria-label={words.value.people.unblockThem(username)}
      onClick={() => void setBlocked(user, false)}
    >
      {words.value.people.unblock}
    </button>
  );
}
