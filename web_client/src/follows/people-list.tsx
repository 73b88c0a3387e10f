/** A list of people that grows page by page. */
import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { call } from '../api/call';
import type { Page, User } from '../api/types';
import { moment } from '../kit/moments';
import { Empty, Failed } from '../kit/state';
import { PeopleSkeleton, PersonRow } from './people';
import { keepUser } from './store';

interface PeopleListProps {
  path: string;
  /** Is told whom each page brought. */
  taken?: (users: readonly User[]) => void;
  emptyTitle: string;
  /** What is said where nobody is on the list. */
  children: ComponentChildren;
}

export function PeopleList({ path, taken, emptyTitle, children }: PeopleListProps) {
  const { users, state, failure, load } = usePeople(path, taken);
  return (
    <>
      <ul class="people">
        {users.value.map((user) => (
          <PersonRow key={user.value.id} user={user} />
        ))}
      </ul>
      {state.value === 'loading' && <PeopleSkeleton rows={users.value.length ? 1 : 5} />}
      {state.value === 'failed' && <Failed error={failure.value} onRetry={load} />}
      {state.value === 'more' && (
        <button class="button button-wide people-more" onClick={load}>
          Show more
        </button>
      )}
      {state.value === 'all' && users.value.length === 0 && (
        <Empty icon="people" title={emptyTitle}>
          {children}
        </Empty>
      )}
    </>
  );
}

function usePeople(path: string, taken: PeopleListProps['taken']) {
  const users = useSignal<readonly Signal<User>[]>([]);
  const cursor = useSignal<string | null>(null);
  const state = useSignal<'loading' | 'more' | 'all' | 'failed'>('loading');
  const failure = useSignal<unknown>(null);
  const load = () => {
    state.value = 'loading';
    const asked = moment();
    call<Page<User>>('GET', path, { query: { limit: 30, cursor: cursor.value } }).then(
      (page) => {
        taken?.(page.items);
        users.value = [...users.value, ...page.items.map((user) => keepUser(user, asked))];
        cursor.value = page.next_cursor;
        state.value = page.next_cursor ? 'more' : 'all';
      },
      (error: unknown) => {
        failure.value = error;
        state.value = 'failed';
      },
    );
  };
  useEffect(load, [path]); // eslint-disable-line react-hooks/exhaustive-deps -- signals never change identity
  return { users, state, failure, load };
}
