/** What the service worker keeps: the build writes the names of the shell's files in front of it. */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

export const SERVICE_WORKER = 'src/worker/worker.ts';

/** Larger chunks (the HLS player) are kept once they were needed. */
const LARGEST_BYTES = 100_000;
/** Of the typeface only what most words need. */
const FONT = '-latin-wght-';

/** A part of the build, with what is in it. */
interface Part {
  path: string;
  content: string | Uint8Array;
}

export function shell(): Plugin {
  return {
    name: 'shell',
    enforce: 'post',
    generateBundle(_, bundle) {
      const parts: Part[] = [];
      for (const one of Object.values(bundle)) {
        const content = one.type === 'chunk' ? one.code : one.source;
        parts.push({ path: `/${one.fileName}`, content });
      }
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') return;
      if (worker.imports.length > 0) this.error('the service worker has to be one file');
      const kept = parts.filter(isKept).map(({ path }) => path);
      const entry = Object.values(bundle).find((one) => one.type === 'chunk' && isPageScript(one));
      if (!entry) return this.error('the page has no script that the service worker could know');
      const first = `/${entry.fileName}`;
      const paths = [first, ...kept.filter((path) => path !== first).sort()];
      const all = parts.filter(({ path }) => path === '/index.html' || kept.includes(path));
      worker.code = `const SHELL=${JSON.stringify(paths)},BUILD="${digest(all)}";\n${worker.code}`;
    },
  };
}

function isPageScript(one: { isEntry?: boolean; facadeModuleId?: string | null }): boolean {
  return one.isEntry === true && (one.facadeModuleId?.endsWith('index.html') ?? false);
}

function isKept({ path, content }: Part): boolean {
  if (!path.startsWith('/assets/')) return false;
  if (path.endsWith('.js')) return content.length <= LARGEST_BYTES || path.includes('/index-');
  return path.endsWith('.css') || path.includes(FONT);
}

function digest(parts: Part[]): string {
  const hash = createHash('sha256');
  for (const { path, content } of parts.sort((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(path).update(content);
  return hash.digest('hex').slice(0, 16);
}
