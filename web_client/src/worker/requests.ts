/** Which requests the service worker answers: pages of the application, and files whose names have a hash. */

/** Never through the worker, so that it is not even woken: the API, media, and pages of the server. */
export const PASSED_BY = [
  '/api/*',
  '/media/*',
  '/docs',
  '/docs/*',
  '/healthz',
  '/readyz',
  '/metrics',
] as const;

/** What has to be known of a request. */
export interface Asked {
  method: string;
  mode: string;
  url: string;
}

export type Answered = 'page' | 'asset' | 'not';

/** What the worker does with a request to the page's own origin; everything else is the network's. */
export function answeredAs({ method, mode, url }: Asked, origin: string): Answered {
  const { origin: asked, pathname } = new URL(url);
  if (method !== 'GET' || asked !== origin || passesBy(pathname)) return 'not';
  if (mode === 'navigate') return hasName(pathname) ? 'not' : 'page';
  return pathname.startsWith('/assets/') ? 'asset' : 'not';
}

function passesBy(path: string): boolean {
  return PASSED_BY.some((pattern) =>
    pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern,
  );
}

/** A file that somebody opens, such as /icon.svg; usernames and hashtags have no dots. */
function hasName(path: string): boolean {
  return /\.\w+$/.test(path);
}
