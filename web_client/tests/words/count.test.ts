import { expect, test } from 'vitest';
import { count, counted } from '../../src/words/count';
import { language } from '../../src/words/language';

test('counts are exact up to ten thousand and short above', () => {
  expect([0, 318, 9_310, 12_400, 84_000, 1_250_000].map(count)).toEqual([
    '0',
    '318',
    '9,310',
    '12.4k',
    '84k',
    '1.3m',
  ]);
});

test('one is singular', () => {
  expect([counted(1, 'comment'), counted(0, 'comment'), counted(2, 'person', 'people')]).toEqual([
    '1 comment',
    '0 comments',
    '2 people',
  ]);
});

test('a language has its own marks and its own short forms', () => {
  language.value = 'de';
  expect([9_310, 12_400, 1_250_000].map(count)).toEqual(['9.310', '12.400', '1,3\u00a0Mio.']);
  language.value = 'en';
});
