import { afterEach, expect, test, vi } from 'vitest';
import { keep, kept } from '../../src/kit/kept';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('what was chosen is there on the next visit, until it is taken back', () => {
  const store = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => store.get(name) ?? null,
    setItem: (name: string, value: string) => store.set(name, value),
    removeItem: (name: string) => store.delete(name),
  });
  keep('sound', 'on');
  expect([kept('sound'), [...store.keys()]]).toEqual(['on', ['reelwire.sound']]);
  keep('sound', null);
  expect(kept('sound')).toBeNull();
});

test('a browser that blocks storage is one that kept nothing', async () => {
  Object.defineProperty(globalThis, 'localStorage', {
    configurable: true,
    get: () => {
      throw new DOMException('blocked', 'SecurityError');
    },
  });
  keep('sound', 'on');
  expect(kept('sound')).toBeNull();
  // Read as the page loads: what throws there leaves a blank page.
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  expect((await import('../../src/playback/sound')).muted.value).toBe(true);
  expect((await import('../../src/playback/saving')).dataSaver.value).toBe(false);
  expect((await import('../../src/app/theme')).theme.value).toBe('system');
  Reflect.deleteProperty(globalThis, 'localStorage');
});
