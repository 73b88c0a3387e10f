/** A small script in front of the application's: it asks the server while that is still on its way. */
import type { HtmlTagDescriptor, Plugin } from 'vite';

export const EARLY = 'src/early.ts';

export function early(): Plugin {
  return {
    name: 'early',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle }) {
        if (!bundle) return [script(`/${EARLY}`)];
        const chunk = Object.values(bundle).find(
          (one) => one.type === 'chunk' && one.facadeModuleId?.endsWith(EARLY),
        );
        if (!chunk) throw new Error(`${EARLY} is not in the build`);
        return [script(`/${chunk.fileName}`)];
      },
    },
  };
}

/** It waits for nothing: what it needs is preloaded, for the application needs it too. */
function script(src: string): HtmlTagDescriptor {
  const attrs = { type: 'module', async: true, crossorigin: true, src };
  return { tag: 'script', attrs, injectTo: 'head-prepend' };
}
