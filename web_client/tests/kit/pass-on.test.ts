import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { passOn } from '../../src/kit/pass-on';
import { dismissToast, toasts } from '../../src/kit/toast';

const PAGE = { title: 'Harbour', path: '/videos/v' };
let copied: string[];

/** A phone whose sheet ends so. */
function sheet(share: () => Promise<void>): void {
  const writeText = (text: string) => {
    copied.push(text);
    return Promise.resolve();
  };
  vi.stubGlobal('navigator', { share, clipboard: { writeText } });
}

beforeEach(() => {
  copied = [];
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
  vi.stubGlobal('location', { origin: 'http://x' });
});

afterEach(() => {
  toasts.value.forEach(({ id }) => dismissToast(id));
  vi.unstubAllGlobals();
});

test('what is picked in the sheet is passed on', async () => {
  sheet(() => Promise.resolve());
  expect([await passOn(PAGE), copied]).toEqual([true, []]);
});

test('whoever closes the sheet thought better of it', async () => {
  sheet(() => Promise.reject(new DOMException('closed', 'AbortError')));
  expect([await passOn(PAGE), copied]).toEqual([false, []]);
});

test('where the browser shows no sheet the link is copied', async () => {
  sheet(() => Promise.reject(new DOMException('not here', 'NotAllowedError')));
  expect([await passOn(PAGE), copied]).toEqual([true, ['http://x/videos/v']]);
  expect(toasts.value).toHaveLength(1);
});
