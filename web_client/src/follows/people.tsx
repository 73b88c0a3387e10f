/** Rows of people: a face, a name, and the way to follow. */
import type { Signal } from '@preact/signals';
import type { User } from '../api/types';
import { PersonAct } from '../blocks/person-act';
import { Avatar } from '../kit/avatar';
import { words } from '../words/words';
import './people.css';

export function PersonRow({ user }: { user: Signal<User> }) {
  const { username, display_name, counts } = user.value;
  return (
    <li class="person">
      <a class="person-link" href={`/@${username}`}>
        <Avatar of={user.value} size="large" />
        <span class="person-words">
          <b>
            <bdi>{display_name}</bdi>
          </b>
          <small>
            @{username} · {words.value.people.withFollowers(counts.followers)}
          </small>
        </span>
      </a>
      <PersonAct user={user} />
    </li>
  );
}

/** As tall as the rows that will be here. */
export function PeopleSkeleton({ rows = 4 }: { rows?: number }) {
  return (
    <ul class="people" aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        <li key={row} class="person">
          <span class="skeleton person-face" />
          <span class="person-words">
            <span class="skeleton person-line" />
            <span class="skeleton person-line person-short" />
          </span>
        </li>
      ))}
    </ul>
  );
}
