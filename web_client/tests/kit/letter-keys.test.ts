import { expect, test } from 'vitest';
import { isLetterOff, setLetterKeys } from '../../src/kit/letter-keys';

test('letters do something until they are turned off, other keys always', () => {
  expect(['j', 'J', ' ', 'ArrowDown'].filter(isLetterOff)).toEqual([]);
  setLetterKeys(false);
  expect(['j', 'J', ' ', 'ArrowDown'].filter(isLetterOff)).toEqual(['j', 'J']);
  setLetterKeys(true);
  expect(isLetterOff('j')).toBe(false);
});
