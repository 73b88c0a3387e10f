/** What others did that we are told of; whoever looks at it has read it. */
import { useEffect } from 'preact/hooks';
import { me } from '../accounts/session';
import { call } from '../api/call';
import type { Notification } from '../api/types';
import { PeopleSkeleton } from '../follows/people';
import { Avatar } from '../kit/avatar';
import { since } from '../kit/numbers';
import { PageFrame } from '../kit/page-frame';
import { usePages } from '../kit/paging';
import { Empty, Failed } from '../kit/state';
import { words } from '../words/words';
import { markRead, unread } from './unread';
import { Told, whereOf } from './words';
import './notifications.css';

const PATH = '/me/notifications';

export function NotificationsPage() {
  const { items, state, failure, load, again } = usePages(PATH, async (query) => {
    const page = await call('GET', PATH, { query });
    // Not being able to say so does no harm: they are new once more.
    if (page.unread > 0) markRead(page.up_to).catch(() => undefined);
    return page;
  });
  const more = unread.value > 0;
  useEffect(() => {
    if (more && state.peek() !== 'loading') again();
  }, [more]); // eslint-disable-line react-hooks/exhaustive-deps -- only when something new is told
  const says = words.value.notifications;
  return (
    <PageFrame title={says.title} backTo="/">
      <ul class="people" aria-label={says.title}>
        {items.value.map((item) => (
          <NotificationRow key={item.id} item={item} />
        ))}
      </ul>
      {state.value === 'loading' && <PeopleSkeleton rows={items.value.length ? 1 : 5} />}
      {state.value === 'failed' && <Failed error={failure.value} onRetry={load} />}
      {state.value === 'more' && (
        <button class="button button-wide people-more" onClick={load}>
          {says.more}
        </button>
      )}
      {state.value === 'all' && items.value.length === 0 && (
        <Empty icon="bell" title={says.nothing}>
          {says.nothingMore}
        </Empty>
      )}
    </PageFrame>
  );
}

function NotificationRow({ item }: { item: Notification }) {
  const account = me.value;
  const [first] = item.actors;
  const face = first ?? account;
  return (
    <li class={item.unread ? 'person notification-new' : 'person'}>
      <a class="person-link" href={whereOf(item, account?.username ?? '')}>
        {face && <Avatar of={face} size="large" />}
        <span class="notification-words">
          <span class="notification-said">
            <Told item={item} />
          </span>
          {item.comment && (
            <span class="notification-said" dir="auto">
              {item.comment.text}
            </span>
          )}
          <small>{since(item.updated_at)}</small>
          {item.unread && <span class="only-heard">{words.value.notifications.unread}</span>}
        </span>
        {item.video?.poster_url && (
          <img class="notification-poster" src={item.video.poster_url} alt="" decoding="async" />
        )}
      </a>
    </li>
  );
}
