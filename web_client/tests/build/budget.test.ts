/** What a first visit may load, as every build holds it. */
import { expect, test } from 'vitest';
import { MOST_AT_START, weight } from '../../budget';

const noise = Array.from({ length: 40_000 }, (_, at) =>
  ((at * 2_654_435_761) % 4_294_967_296).toString(36),
).join('');

test('what the page cannot do without counts, compressed; what it asks for later does not', () => {
  const entry = { fileName: 'index.js', code: 'a'.repeat(500_000), imports: ['one.js'] };
  const one = { fileName: 'one.js', code: 'b', imports: ['two.js', 'index.js'] };
  const two = { fileName: 'two.js', code: noise, imports: [] };
  expect(weight(['index.js'], [{ ...entry, imports: [] }, one, two])).toBeLessThan(1_000);
  expect(weight(['index.js'], [entry, one, two])).toBeGreaterThan(100_000);
  expect(MOST_AT_START).toBe(120_000);
});
