/** A limit of what a first visit loads, held by every build: a build that is heavier fails. */
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { EARLY } from './early-script.ts';

/** Bytes of JavaScript, compressed as the edge does at its best, until the first video plays. */
export const MOST_AT_START = 120_000;
/** What the page runs by itself. */
const AT_START = ['index.html', EARLY];

/** What a chunk of a bundle has to say of itself. */
export interface Chunk {
  fileName: string;
  code: string;
  /** Names of the chunks that it cannot do without. */
  imports: readonly string[];
}

/** Compressed bytes of these chunks and of all that they need. */
export function weight(entries: readonly string[], chunks: readonly Chunk[]): number {
  const needed = new Set(entries);
  // A set goes on to what is added while it is walked.
  for (const name of needed) {
    for (const one of chunks.find(({ fileName }) => fileName === name)?.imports ?? [])
      needed.add(one);
  }
  return chunks
    .filter(({ fileName }) => needed.has(fileName))
    .reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).byteLength, 0);
}

/** Fails the build that is over its budget, or says how much of it is used. */
export function budget(): Plugin {
  return {
    name: 'budget',
    apply: 'build',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((part) => part.type === 'chunk');
      const entries = chunks.filter(
        (one) => one.isEntry && AT_START.some((name) => one.facadeModuleId?.endsWith(name)),
      );
      if (entries.length === 0) return;
      const bytes = weight(
        entries.map((one) => one.fileName),
        chunks,
      );
      const words = `${bytes} of ${MOST_AT_START} bytes of compressed JavaScript at the start`;
      if (bytes > MOST_AT_START) this.error(`over budget: ${words}`);
      this.info(words);
    },
  };
}
