import { afterEach, expect, test, vi } from 'vitest';
import { explain } from '../../src/api/explain';
import { Unreachable } from '../../src/api/problem';
import { imported, StalePage } from '../../src/kit/imported';
import { words } from '../../src/words/words';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('a part that does not come is explained by the network, not as a fault of ours', async () => {
  const offline = () =>
    Promise.reject(new TypeError('Failed to fetch dynamically imported module'));
  const error: unknown = await imported('a', offline).catch((thrown: unknown) => thrown);
  expect(explain(error)).toBe(words.value.failures.unreachable);
  expect(await imported('a', () => Promise.resolve('part'))).toBe('part');
});

test('what does not come a second time, though something answers, wants a fresh page', async () => {
  const gone = () => imported('gone', () => Promise.reject(new TypeError('404')));
  const thrown = () => gone().catch((error: unknown) => error);
  const answer = vi.fn(() => Promise.resolve(new Response()));
  vi.stubGlobal('fetch', answer);
  expect(await thrown()).toBeInstanceOf(Unreachable);
  answer.mockRejectedValueOnce(new TypeError('connection refused'));
  expect(await thrown()).toBeInstanceOf(Unreachable);
  const error = await thrown();
  expect(error).toBeInstanceOf(StalePage);
  expect(explain(error)).toBe(words.value.failures.ours);
});

test('a stylesheet that did not come is asked for again, and the part waits for it', async () => {
  const links: { href: string; onload: () => void; onerror: () => void; remove: () => void }[] = [];
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
  vi.stubGlobal('document', {
    createElement: () => ({ remove: () => undefined }),
    head: { append: (link: (typeof links)[number]) => links.push(link) },
  });
  // So does Vite: the second time it goes on without.
  const load = vi
    .fn(() => Promise.resolve('part'))
    .mockRejectedValueOnce(new Error('Unable to preload CSS for /assets/pages-1.css'));
  await expect(imported('pages', load)).rejects.toThrow('pages-1.css');
  expect(await imported('other', () => Promise.resolve('other'))).toBe('other');
  const second = imported('pages', load);
  await vi.waitFor(() => expect(links.map(({ href }) => href)).toEqual(['/assets/pages-1.css']));
  links[0]?.onerror();
  await expect(second).rejects.toThrow();
  const third = imported('pages', load);
  await vi.waitFor(() => expect(links).toHaveLength(2));
  links[1]?.onload();
  expect(await third).toBe('part');
  expect(await imported('pages', load)).toBe('part');
  expect(links).toHaveLength(2);
});
