/** What the build writes in front of the service worker. */
import { expect, test } from 'vitest';
import { shell } from '../../shell';

const worker = { type: 'chunk', fileName: 'sw.js', code: 'work()', imports: [], isEntry: true };
const page = {
  type: 'chunk',
  fileName: 'assets/index-1.js',
  code: 'start()',
  imports: [],
  isEntry: true,
  facadeModuleId: '/web_client/index.html',
};

function built(...chunks: { fileName: string }[]): string {
  const bundle = Object.fromEntries(chunks.map((one) => [one.fileName, { ...one }]));
  const { generateBundle } = shell() as unknown as {
    generateBundle: (this: object, options: null, bundle: object) => void;
  };
  const error = (message: string) => {
    throw new Error(message);
  };
  generateBundle.call({ error }, null, bundle);
  return (bundle['sw.js'] as unknown as typeof worker).code;
}

test('the script of the page comes first: the worker knows the page by it', () => {
  const further = { ...page, fileName: 'assets/a-2.js', isEntry: false, facadeModuleId: null };
  expect(built(worker, further, page)).toContain('SHELL=["/assets/index-1.js","/assets/a-2.js"]');
});

test('a build whose page has no script fails', () => {
  expect(() => built(worker)).toThrow('no script');
});
