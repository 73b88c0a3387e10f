/** The query for a page of a feed, and the early request for the first page of the feed or video at this address. */
import { askEarly } from '../api/call';
import type { Route } from '../app/routes';
import { bandwidthQuery } from '../playback/bandwidth';

const PAGE = 10;

/** Query for one feed page; without a cursor, for the first. */
export function pageQuery(cursor: string | null) {
  return { limit: PAGE, cursor, ...bandwidthQuery() };
}

/** Requests early what this route shows first; other routes request nothing. */
export function askForFirst(route: Route, member: boolean): void {
  const query = pageQuery(null);
  if (route.page === 'following' && member) askEarly('/feed/following', { query });
  else if (route.page === 'following' || route.page === 'for-you')
    askEarly('/feed/suggested', { query });
  else if (route.page === 'latest') askEarly('/feed/latest', { query });
  else if (route.page === 'video')
    askEarly('/videos/{id}', { path: { id: route.id }, query: bandwidthQuery() });
}
