/** What a first visit may load, as every build holds it. */
import { expect, test } from 'vitest';
import { MOST_AT_START, weightAtStart } from '../../budget';

const noise = Array.from({ length: 40_000 }, (_, at) =>
  ((at * 2_654_435_761) % 4_294_967_296).toString(36),
).join('');

test('all that is not for later counts, compressed', () => {
  const entry = { fileName: 'assets/index-AbC.js', code: 'a'.repeat(500_000) };
  const words = { fileName: 'assets/de-AbC.js', code: noise };
  const player = { fileName: 'assets/hls-AbC.js', code: noise };
  expect(weightAtStart([entry, player])).toBeLessThan(1_000);
  expect(weightAtStart([entry, words])).toBeGreaterThan(100_000);
  expect(MOST_AT_START).toBe(120_000);
});
