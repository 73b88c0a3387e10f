import { expect, test } from 'vitest';
import { de } from '../../src/words/de';
import { en } from '../../src/words/en';
import { ofBrowser } from '../../src/words/language';

type Entry = string | ((...all: unknown[]) => string) | { [name: string]: Entry };

/** Every text below this entry, by its path; functions are asked with names and numbers of the least and of many. */
function textsOf(entry: Entry, path: string): [string, string][] {
  if (typeof entry === 'string') return [[path, entry]];
  if (typeof entry === 'function') return [1, 2].map((n) => [`${path}(${n})`, entry(n, n, n, n)]);
  return Object.entries(entry).flatMap(([name, inner]) => textsOf(inner, `${path}.${name}`));
}

test.each([
  ['en', en],
  ['de', de],
])('every entry of %s says something, and nothing that is missing', (name, spoken) => {
  const texts = textsOf(spoken as unknown as Entry, name);
  expect(texts.filter(([, text]) => !text.trim() || text.includes('undefined'))).toEqual([]);
});

test('the first language of the browser that we speak is taken', () => {
  expect(ofBrowser(['fr-CA', 'de-AT', 'en'])).toBe('de');
  expect(ofBrowser(['en-GB', 'de'])).toBe('en');
  expect(ofBrowser(['fr'])).toBe('en');
  expect(ofBrowser([])).toBe('en');
});
