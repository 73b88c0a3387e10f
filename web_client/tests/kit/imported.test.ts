import { afterEach, expect, test, vi } from 'vitest';
import { explain } from '../../src/api/explain';
import { imported } from '../../src/kit/imported';
import { words } from '../../src/words/words';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('a part that does not come is explained by the network, not as a fault of ours', async () => {
  const offline = () =>
    Promise.reject(new TypeError('Failed to fetch dynamically imported module'));
  const error: unknown = await imported(offline).catch((thrown: unknown) => thrown);
  expect(explain(error)).toBe(words.value.failures.unreachable);
  expect(await imported(() => Promise.resolve('part'))).toBe('part');
});

test('a stylesheet that did not come is asked for again, and the part waits for it', async () => {
  const links: { href: string; onload: () => void; onerror: () => void; remove: () => void }[] = [];
  vi.stubGlobal('document', {
    createElement: () => ({ remove: () => undefined }),
    head: { append: (link: (typeof links)[number]) => links.push(link) },
  });
  // So does Vite: the second time it goes on without.
  const load = vi
    .fn(() => Promise.resolve('part'))
    .mockRejectedValueOnce(new Error('Unable to preload CSS for /assets/pages-1.css'));
  await expect(imported(load)).rejects.toThrow('pages-1.css');
  const second = imported(load);
  await vi.waitFor(() => expect(links.map(({ href }) => href)).toEqual(['/assets/pages-1.css']));
  links[0]?.onerror();
  await expect(second).rejects.toThrow();
  const third = imported(load);
  await vi.waitFor(() => expect(links).toHaveLength(2));
  links[1]?.onload();
  expect(await third).toBe('part');
  expect(await imported(load)).toBe('part');
  expect(links).toHaveLength(2);
});
