import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { en } from '../../src/words/en';

type Entries = Readonly<Record<string, unknown>>;

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
const IMPORTS = /^import [^;]*;$/gm;
const COMMENTS = /\/\*\*[^]*?\*\/|\/\/ .*$/gm;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !/^words.(en|de)/.test(name))
  .map((name) =>
    readFileSync(SRC + name, 'utf8')
      .replace(IMPORTS, '')
      .replace(COMMENTS, ''),
  );

/** The files that say words of this feature (by its name, or beside others'), without what they say of other features. */
function readersOf(feature: string): string {
  const named = new RegExp(
    `words\\.value\\.${feature}\\b|\\b${feature}\\b[^}]*\\} = words\\.value;`,
  );
  const others = new RegExp(`words\\.value\\.(?!${feature}\\b)[\\w.]+`, 'g');
  return files
    .filter((text) => named.test(text))
    .map((text) => text.replace(others, ''))
    .join('\n');
}

/** `said.name`, `{ name } = …`, or a 'name' that is looked up. */
function isSaid(name: string, readers: string): boolean {
  return new RegExp(`(\\.|'|\\{\\s*|,\\s*)${name}\\b`).test(readers);
}

/** A code is looked up in all of the group, so that all of it is said: `said.name[code]`, or the group as a record. */
function isLookedUp(name: string, readers: string): boolean {
  return new RegExp(`\\.${name}\\[|Record<string, string>> = [\\w.]*\\b${name};`).test(readers);
}

/** The paths of those that nobody says. */
function unsaid(entries: Entries, readers: string): string[] {
  return Object.entries(entries).flatMap(([name, entry]) => {
    if (!isSaid(name, readers)) return [name];
    if (typeof entry !== 'object' || isLookedUp(name, readers)) return [];
    return unsaid(entry as Entries, readers).map((inner) => `${name}.${inner}`);
  });
}

test.each(Object.entries(en))('somebody says every word of %s', (feature, entries) => {
  expect(unsaid(entries, readersOf(feature))).toEqual([]);
});
