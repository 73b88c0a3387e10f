import { expect, test } from 'vitest';
import { begunAt, completion, stepped } from '../../src/find/completing';

test.each([
  ['a walk #sun', 11, { sign: '#', text: 'sun', from: 7, to: 11 }],
  ['a walk #sunset now', 11, { sign: '#', text: 'sun', from: 7, to: 11 }],
  ['#Grüße', 6, { sign: '#', text: 'Grüße', from: 0, to: 6 }],
  ['with @an', 8, { sign: '@', text: 'an', from: 5, to: 8 }],
  ['(@an', 4, { sign: '@', text: 'an', from: 1, to: 4 }],
  ['🌅#s', 4, { sign: '#', text: 's', from: 2, to: 4 }],
])('in "%s" at %i something has begun', (whole, caret, begun) => {
  expect(begunAt(whole, caret)).toEqual(begun);
});

test.each([
  ['a walk', 6],
  ['a #', 3],
  ['#sun and', 8],
  ['me@example', 10],
  ['@ännchen', 3],
])('in "%s" at %i nothing has', (whole, caret) => {
  expect(begunAt(whole, caret)).toBeNull();
});

test('the word comes with one space behind it', () => {
  const begun = { sign: '#', text: 'su', from: 0, to: 3 } as const;
  expect(completion(begun, 'sunrise', '#su')).toBe('#sunrise ');
  expect(completion(begun, 'sunrise', '#su over')).toBe('#sunrise');
});

test('the keys go around', () => {
  expect(stepped(-1, 1, 3)).toBe(0);
  expect(stepped(-1, -1, 3)).toBe(2);
  expect(stepped(2, 1, 3)).toBe(0);
  expect(stepped(0, -1, 3)).toBe(2);
  expect(stepped(0, 1, 0)).toBe(-1);
});
