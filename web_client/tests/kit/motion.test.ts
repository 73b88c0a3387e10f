import { afterAll, beforeEach, expect, test, vi } from 'vitest';

const kept = new Map<string, string>();
const system = Object.assign(new EventTarget(), { matches: false });
const root = { dataset: {} as Record<string, string> };
vi.stubGlobal('matchMedia', () => system);
vi.stubGlobal('document', { documentElement: root });
vi.stubGlobal('localStorage', {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
  removeItem: (key: string) => kept.delete(key),
});
afterAll(() => {
  vi.unstubAllGlobals();
});
beforeEach(() => {
  vi.resetModules();
});

test('less motion when the system or the person wants it', async () => {
  const { chooseMotion, reducedMotion, startMotion } = await import('../../src/kit/motion');
  startMotion();
  expect(root.dataset.motion).toBe('full');
  chooseMotion('reduced');
  expect([reducedMotion.value, root.dataset.motion]).toEqual([true, 'reduced']);
  chooseMotion('system');
  expect(reducedMotion.value).toBe(false);
  system.matches = true;
  system.dispatchEvent(new Event('change'));
  expect([reducedMotion.value, root.dataset.motion]).toEqual([true, 'reduced']);
  system.matches = false;
});

test('what was chosen is kept', async () => {
  (await import('../../src/kit/motion')).chooseMotion('reduced');
  vi.resetModules();
  expect((await import('../../src/kit/motion')).motion.value).toBe('reduced');
});
