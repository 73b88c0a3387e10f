/** Which page a path means. */

export type Route =
  | {
      page:
        | 'following'
        | 'for-you'
        | 'latest'
        | 'find'
        | 'post'
        | 'notifications'
        | 'creator'
        | 'settings'
        | 'blocked'
        | 'sessions'
        | 'welcome'
        | 'log-in'
        | 'sign-up'
        | 'lost';
    }
  | { page: 'video' | 'stats'; id: string }
  | { page: 'profile'; username: string }
  | { page: 'hashtag'; tag: string }
  | { page: 'people'; username: string; list: 'followers' | 'following' };

const FIXED: Readonly<Record<string, Route>> = {
  '/': { page: 'following' },
  '/for-you': { page: 'for-you' },
  '/welcome': { page: 'welcome' },
  '/latest': { page: 'latest' },
  '/find': { page: 'find' },
  '/post': { page: 'post' },
  '/notifications': { page: 'notifications' },
  '/settings': { page: 'settings' },
  '/settings/blocked': { page: 'blocked' },
  '/settings/sessions': { page: 'sessions' },
  '/creator': { page: 'creator' },
  '/log-in': { page: 'log-in' },
  '/sign-up': { page: 'sign-up' },
};
const OF_VIDEO = /^\/videos\/[0-9a-f-]{36}(?=\/|$)/i;
const VIDEO = /^\/videos\/([0-9a-f-]{36})$/;
const STATS = /^\/videos\/([0-9a-f-]{36})\/stats$/;
const HASHTAG = /^\/hashtags\/([^/]+)$/;
/** Some encode the sign when they pass a link on. */
const PROFILE = /^\/(?:@|%40)(\w{3,30})$/;
const FOLLOWERS = /^\/(?:@|%40)(\w{3,30})\/followers$/;
const FOLLOWING = /^\/(?:@|%40)(\w{3,30})\/following$/;

/** The address of the page that is meant: without slashes behind it, and no id in capitals. */
export function canonical(typed: string): string {
  const path = typed.replace(/\/+$/, '') || '/';
  return path.replace(OF_VIDEO, (start) => start.toLowerCase());
}

/** The page of a path, as people type it; `lost` where there is none. */
export function routeOf(typed: string): Route {
  const path = canonical(typed);
  const [, id] = VIDEO.exec(path) ?? [];
  if (id) return { page: 'video', id };
  const [, own] = STATS.exec(path) ?? [];
  if (own) return { page: 'stats', id: own };
  const [, tag] = HASHTAG.exec(path) ?? [];
  if (tag) return hashtagPage(tag);
  const [, username] = PROFILE.exec(path) ?? [];
  if (username) return { page: 'profile', username };
  const [, followed] = FOLLOWERS.exec(path) ?? [];
  if (followed) return { page: 'people', username: followed, list: 'followers' };
  const [, follower] = FOLLOWING.exec(path) ?? [];
  if (follower) return { page: 'people', username: follower, list: 'following' };
  return FIXED[path] ?? { page: 'lost' };
}

const OF_VIDEOS: readonly Route['page'][] = ['following', 'for-you', 'latest', 'video'];

/** Whether a video plays on the page. */
export function showsVideos({ page }: Route): boolean {
  return OF_VIDEOS.includes(page);
}

function hashtagPage(encoded: string): Route {
  try {
    return { page: 'hashtag', tag: decodeURIComponent(encoded) };
  } catch {
    return { page: 'lost' }; // somebody's own percent signs
  }
}
