/** What the feeds are asked, the first page of the one that an address shows before the application is here. */
import { askEarly } from '../api/call';
import type { Route } from '../app/routes';
import { bandwidthQuery } from '../playback/bandwidth';

const PAGE = 10;

/** Of a page of a feed, the first one where there is no cursor. */
export function pageQuery(cursor: string | null) {
  return { limit: PAGE, cursor, ...bandwidthQuery() };
}

/** Asks for what this page shows first; of others nothing. */
export function askForFirst(route: Route, member: boolean): void {
  const query = pageQuery(null);
  if (route.page === 'following' && member) askEarly('/feed/following', { query });
  else if (route.page === 'following' || route.page === 'for-you')
    askEarly('/feed/suggested', { query });
  else if (route.page === 'latest') askEarly('/feed/latest', { query });
  else if (route.page === 'video')
    askEarly('/videos/{id}', { path: { id: route.id }, query: bandwidthQuery() });
}
