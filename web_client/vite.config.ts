/**
 * How the client is built: lazy chunks (uploading, HLS, other languages) and a worker (trimming) beside one small
 * application, and a service worker that knows their names.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { budget } from './budget.ts';
import { early, EARLY } from './early-script.ts';
import { SERVICE_WORKER, shell } from './shell.ts';

/** A running reelwire that `npm run dev` forwards to. */
const running = process.env.REELWIRE_URL ?? 'http://127.0.0.1:8080';

/** Stylesheets that the server's /docs links to, by names that do not change. */
const looks = ['look', 'look-light'];

/** hls.js is built from its source with only what our streams need: a third smaller (docs/web_client.md). */
const hlsParts = {
  __USE_ALT_AUDIO__: 'true',
  __USE_CMCD__: 'false',
  __USE_CONTENT_STEERING__: 'false',
  __USE_EME_DRM__: 'false',
  __USE_IFRAMES__: 'false',
  __USE_INTERSTITIALS__: 'false',
  __USE_M2TS_ADVANCED_CODECS__: 'false',
  __USE_MEDIA_CAPABILITIES__: 'false',
  __USE_SUBTITLES__: 'false',
  __USE_VARIABLE_SUBSTITUTION__: 'false',
  __IN_WORKER__: 'false',
  __HLS_WORKER_BUNDLE__: 'undefined',
  __VERSION__: '"1.7.4"',
};

export default defineConfig({
  define: hlsParts,
  plugins: [early(), budget(), shell()],
  resolve: {
    alias: [
      {
        find: /^hls\.js$/,
        replacement: fileURLToPath(
          new URL('./node_modules/hls.js/src/exports-named.ts', import.meta.url),
        ),
      },
    ],
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    // Nothing inline: the page's policy allows scripts and styles from our own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', EARLY, SERVICE_WORKER, ...looks.map((name) => `src/kit/${name}.css`)],
      output: {
        entryFileNames: ({ facadeModuleId }) =>
          facadeModuleId?.endsWith(SERVICE_WORKER) ? 'sw.js' : 'assets/[name]-[hash].js',
        assetFileNames: ({ names: [name = ''] }) =>
          looks.some((look) => name === `${look}.css`)
            ? '[name][extname]'
            : 'assets/[name]-[hash][extname]',
      },
    },
  },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/api': { target: running, ws: true, changeOrigin: true, headers: { origin: running } },
      '/media': { target: running, changeOrigin: true },
    },
  },
  test: {
    include: ['tests/**/*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
