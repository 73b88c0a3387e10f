/** Files whose names have a hash, out of the cache or into it. */

/** What is used of a FetchEvent. */
export interface Wanted {
  request: Request;
  waitUntil: (done: Promise<unknown>) => void;
}

/**
 * A name with a hash is always the same file. What was fetched once is there without a network too. A cache that is full or cannot be
 * read costs only that: the answer waits for none.
 */
export async function asset(event: Wanted, cacheName: string): Promise<Response> {
  const { request } = event;
  const cache = await caches.open(cacheName).catch(() => null);
  const kept = cache && (await keptIn(cache, request).catch(() => undefined));
  if (kept) return kept;
  const answer = await fetch(request);
  if (cache && answer.status === 200)
    event.waitUntil(cache.put(request, answer.clone()).catch(() => undefined));
  return answer;
}

/** Pages of the build before ask for theirs, which the edge may have no more. */
async function keptIn(cache: Cache, request: Request): Promise<Response | undefined> {
  return (
    (await cache.match(request, { ignoreVary: true })) ??
    (await caches.match(request, { ignoreVary: true }))
  );
}
