import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { en } from '../../src/words/en';

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

/** The files that say words of this feature: by its name, or beside others'. */
function readersOf(feature: string): string {
  const named = new RegExp(
    `words\\.value\\.${feature}\\b|\\b${feature}\\b[^}]*\\} = words\\.value;`,
  );
  return files.filter((text) => named.test(text)).join('\n');
}

/** `said.name`, `{ name } = …`, or a 'name' that is looked up. */
function isSaid(name: string, readers: string): boolean {
  return new RegExp(`(\\.|'|\\{\\s*|,\\s*)${name}\\b`).test(readers);
}

test.each(Object.entries(en))('somebody says every word of %s', (feature, entries) => {
  const readers = readersOf(feature);
  expect(Object.keys(entries).filter((name) => !isSaid(name, readers))).toEqual([]);
});
