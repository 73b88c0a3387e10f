/**
 * The service worker: keeps what the application starts from, so that it starts without a network. Pages come from the
 * network while there is one; never is the API kept, nor media, nor anything of another origin.
 */
import { asset } from './assets';
import { outdated } from './builds';
import { answeredAs, PASSED_BY } from './requests';
import type { Asking } from './speech';

declare const self: ServiceWorkerGlobalScope;

/** In front of this file the build puts the paths of what the application starts from, and a digest of all of it. */
declare const SHELL: readonly string[];
declare const BUILD: string;

/** What the page runs. */
const [SCRIPT = ''] = SHELL;
/** Every page of the application is this file. */
const PAGE = '/index.html';
const PREFIX = 'reelwire-';
const CACHE = PREFIX + BUILD;
/** Stands in the cache of a build that took over. */
const SERVED = '/served';
/** A line that says nothing for so long is as good as none. */
const PAGE_WITHIN_MS = 6000;

/** Chromium 123 and later: requests that go past the worker without waking it. */
interface RoutingEvent extends ExtendableEvent {
  addRoutes?: (rules: { condition: object; source: 'network' }[]) => Promise<void>;
}

self.addEventListener('install', (event: RoutingEvent) => {
  const rules = PASSED_BY.map((pathname) => ({
    condition: { urlPattern: { pathname } },
    source: 'network' as const,
  }));
  event.waitUntil(Promise.all([keepShell(), event.addRoutes?.(rules)]));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver());
});

self.addEventListener('fetch', (event) => {
  switch (answeredAs(event.request, self.location.origin)) {
    case 'page':
      event.respondWith(page(event));
      break;
    case 'asset':
      event.respondWith(asset(event, CACHE));
  }
});

self.addEventListener('message', ({ data, ports: [answer] }) => {
  const asked = data as Asking;
  if (asked.ask === 'take-over') void self.skipWaiting();
  else answer?.postMessage(SHELL.includes(asked.asset));
});

/** All of it or nothing: a page of one build and scripts of another would not start. */
async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  const page = await fetch(PAGE, { cache: 'reload' });
  const text = await page.clone().text();
  if (!page.ok || !text.includes(SCRIPT))
    throw new Error('the page is of another build; the browser tries again');
  await cache.addAll(SHELL);
  await cache.put(PAGE, page);
}

async function takeOver(): Promise<void> {
  // Without room for the mark the others go all the same, which makes some.
  await (await caches.open(CACHE)).put(SERVED, new Response()).catch(() => undefined);
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  const kept = names.map(async (name) => ({
    name,
    served: (await (await caches.open(name)).match(SERVED)) !== undefined,
  }));
  await Promise.all(outdated(await Promise.all(kept), CACHE).map((name) => caches.delete(name)));
  await self.registration.navigationPreload.enable();
  await self.clients.claim();
}

/** The page as it is now; the kept one when nothing answers, or only the edge's regrets. */
async function page(event: FetchEvent): Promise<Response> {
  const stop = AbortSignal.timeout(PAGE_WITHIN_MS);
  try {
    const answer = await Promise.race([fresh(event), failed(stop)]);
    return answer.status < 500 ? answer : ((await keptPage()) ?? answer);
  } catch {
    return (await keptPage()) ?? Response.error();
  }
}

/** The browser has asked already, while this worker was being woken. */
async function fresh(event: FetchEvent): Promise<Response> {
  const early = (await event.preloadResponse) as Response | undefined;
  return early ?? fetch(event.request);
}

function failed(when: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    when.addEventListener('abort', () => reject(when.reason as Error));
  });
}

async function keptPage(): Promise<Response | undefined> {
  const cache = await caches.open(CACHE).catch(() => null);
  return cache?.match(PAGE).catch(() => undefined);
}
