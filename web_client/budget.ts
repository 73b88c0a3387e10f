/** A limit of what a first visit loads, held by every build: a build that is heavier fails. */
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Bytes of JavaScript, compressed as the edge does at its best, until the first video plays. */
export const MOST_AT_START = 120_000;
/** Lazy chunks that nobody waits for then, by what their names begin with: the adaptive player, uploading. All others count. */
export const LATER = ['hls-', 'transfer-'];

/** What a chunk of a bundle has to say of itself. */
export interface Chunk {
  fileName: string;
  code: string;
}

/** Compressed bytes of all chunks that count. */
export function weightAtStart(chunks: readonly Chunk[]): number {
  return chunks
    .filter(({ fileName }) => !LATER.some((name) => fileName.startsWith(`assets/${name}`)))
    .reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).byteLength, 0);
}

/** Fails the build that is over its budget, or says how much of it is used. */
export function budget(): Plugin {
  return {
    name: 'budget',
    apply: 'build',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((part) => part.type === 'chunk');
      const weight = weightAtStart(chunks);
      const words = `${weight} of ${MOST_AT_START} bytes of compressed JavaScript at the start`;
      if (weight > MOST_AT_START) this.error(`over budget: ${words}`);
      this.info(words);
    },
  };
}
