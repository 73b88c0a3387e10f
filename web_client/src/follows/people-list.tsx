/** A list of people that grows page by page. */
import type { ComponentChildren } from 'preact';
import type { Page, User } from '../api/types';
import { tick } from '../kit/moments';
import { type PageQuery, usePages } from '../kit/paging';
import { Empty, Failed } from '../kit/state';
import { words } from '../words/words';
import { PeopleSkeleton, PersonRow } from './people';
import { keepUser } from './store';

export type AskForPage = (query: PageQuery) => Promise<Page<User>>;

interface PeopleListProps {
  /** Asks for a page; another function is another list. */
  ask: AskForPage;
  /** Is told whom each page brought, and when it was asked for. */
  taken?: (users: readonly User[], asked: number) => void;
  emptyTitle: string;
  /** What is said where nobody is on the list. */
  children: ComponentChildren;
}

export function PeopleList({ ask, taken, emptyTitle, children }: PeopleListProps) {
  const { items, state, failure, load } = usePages(ask, async (query) => {
    const asked = tick();
    const page = await ask(query);
    taken?.(page.items, asked);
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
          {words.value.people.more}
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
