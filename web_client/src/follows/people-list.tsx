/** A list of people that grows page by page. */
import type { ComponentChildren } from 'preact';
import { call } from '../api/call';
import type { Page, User } from '../api/types';
import { moment } from '../kit/moments';
import { usePages } from '../kit/pages';
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
  const { items, state, failure, load } = usePages(path, async (query) => {
    const asked = moment();
    const page = await call<Page<User>>('GET', path, { query });
    taken?.(page.items);
    return { ...page, items: page.items.map((user) => keepUser(user, asked)) };
  });
  return (
    <>
      <ul class="people">
        {items.value.map((user) => (
          <PersonRow key={user.value.id} user={user} />
        ))}
      </ul>
      {state.value === 'loading' && <PeopleSkeleton rows={items.value.length ? 1 : 5} />}
      {state.value === 'failed' && <Failed error={failure.value} onRetry={load} />}
      {state.value === 'more' && (
        <button class="button button-wide people-more" onClick={load}>
          Show more
        </button>
      )}
      {state.value === 'all' && items.value.length === 0 && (
        <Empty icon="people" title={emptyTitle}>
          {children}
        </Empty>
      )}
    </>
  );
}
