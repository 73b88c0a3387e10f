import { expect, test } from 'vitest';
import { titled } from '../../src/kit/document-title';

test('a page is named before the application', () => {
  expect(titled('Latest')).toBe('Latest · reelwire');
  expect(titled(null)).toBe('reelwire');
});

test('a description in place of a title is cut, between characters', () => {
  expect(titled('😀'.repeat(150))).toBe(`${'😀'.repeat(150)} · reelwire`);
  expect(titled('😀'.repeat(151))).toBe(`${'😀'.repeat(150)}… · reelwire`);
});

test('nobody turns our name round', () => {
  expect(titled('\u202eevil\u2067')).toBe('evil · reelwire');
});
