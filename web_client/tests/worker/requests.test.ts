import { expect, test } from 'vitest';
import { answeredAs } from '../../src/worker/requests';

const HERE = 'https://reelwire.example';
const asked = (path: string, mode = 'cors', method = 'GET', origin = HERE) =>
  answeredAs({ method, mode, url: origin + path }, HERE);

test('every page of the application is the shell when there is no network', () => {
  for (const path of ['/', '/@ann', '/videos/1?from=x', '/hashtags/caf%C3%A9', '/docsearch'])
    expect(asked(path, 'navigate')).toBe('page');
});

test('pages of the server and files are not', () => {
  for (const path of ['/docs', '/docs/style.css', '/healthz', '/metrics', '/icon.svg', '/sw.js'])
    expect(asked(path, 'navigate')).toBe('not');
});

test('only files whose names have a hash are kept', () => {
  expect(asked('/assets/index-0a1b2c3d.js')).toBe('asset');
  expect(asked('/icon.svg', 'no-cors')).toBe('not');
  expect(asked('/manifest.webmanifest')).toBe('not');
});

test('never the API, never media, never another origin', () => {
  for (const path of ['/api/v1/feed/latest', '/media/1/o/1/poster.jpg', '/api/v1/me/export'])
    for (const mode of ['cors', 'no-cors', 'navigate']) expect(asked(path, mode)).toBe('not');
  expect(asked('/assets/x-1.js', 'cors', 'GET', 'https://elsewhere.example')).toBe('not');
  expect(asked('/', 'navigate', 'POST')).toBe('not');
});
