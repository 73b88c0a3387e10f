/** Face, name, words and numbers of an account. */
import type { Signal } from '@preact/signals';
import type { User } from '../api/types';
import { PersonAct } from '../blocks/person-act';
import { isBlocked } from '../blocks/store';
import { isMe } from '../follows/store';
import { Avatar } from '../kit/avatar';
import { Icon } from '../kit/icon';
import { Linked } from '../kit/linked';
import { count } from '../words/count';
import { words } from '../words/words';
import { OwnFace } from './own-face';

export function ProfileHead({ user }: { user: Signal<User> }) {
  const { id, username, display_name, bio, counts } = user.value;
  const says = words.value.profile;
  return (
    <section class="profile-head">
      {isMe(id) ? <OwnFace user={user.value} /> : <Avatar of={user.value} size="huge" />}
      <div class="profile-name">
        <h2>
          <bdi>{display_name}</bdi>
        </h2>
        <p>
          <bdi>{bio ? <Linked text={bio} /> : isMe(id) ? says.noBio : `@${username}`}</bdi>
        </p>
      </div>
      <div class="profile-numbers">
        <a href={`/@${username}/followers`}>
          <b>{count(counts.followers)}</b> {says.followers(counts.followers)}
        </a>
        <a href={`/@${username}/following`}>
          <b>{count(counts.following)}</b> {says.following}
        </a>
        {/* Those of whom we block are not to be seen. */}
        {!isBlocked(id) && (
          <span>
            <b>{count(counts.videos)}</b> {says.videos(counts.videos)}
          </span>
        )}
      </div>
      <div class="profile-act">
        {isMe(id) ? (
          <>
            <a class="button" href="/settings">
              {says.edit}
            </a>
            <a class="button" href="/creator">
              <Icon name="chart" />
              {says.numbers}
            </a>
          </>
        ) : (
          <PersonAct user={user} wide />
        )}
      </div>
    </section>
  );
}

/** The same place before the answer is here. */
export function ProfileHeadSkeleton() {
  return (
    <section class="profile-head" aria-busy="true">
      <span class="skeleton profile-face" />
      <div class="profile-name">
        <span class="skeleton profile-line" />
        <span class="skeleton profile-line profile-short" />
      </div>
      <div class="profile-numbers">
        {[0, 1, 2].map((number) => (
          <span key={number} class="skeleton profile-number" />
        ))}
      </div>
      <div class="profile-act">
        <span class="skeleton profile-button" />
      </div>
    </section>
  );
}
