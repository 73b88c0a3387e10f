import { expect, test } from 'vitest';
import { refusalOf } from '../../src/record/camera';

test.each([
  ['NotAllowedError', 'denied'],
  ['NotFoundError', 'missing'],
  ['OverconstrainedError', 'missing'],
  ['NotReadableError', 'busy'],
  ['NotSupportedError', 'unsupported'],
  ['SomethingElse', 'other'],
])('%s means %s', (name, why) => {
  expect(refusalOf(new DOMException('', name))).toBe(why);
});

test('what is no word of the browser is something else', () => {
  expect(refusalOf(new TypeError('x'))).toBe('other');
});
