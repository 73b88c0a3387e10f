import { expect, test } from 'vitest';
import { Pieces } from '../../src/trim/pieces';

const bytes = (text: string) => new TextEncoder().encode(text);

test('pieces make a file, in whatever order they came', async () => {
  const pieces = new Pieces();
  pieces.put(3, bytes('def'));
  pieces.put(0, bytes('abc'));
  const whole = pieces.whole('video/mp4');
  expect([await whole.text(), whole.type]).toEqual(['abcdef', 'video/mp4']);
});

test('what is written later lies over what was there', async () => {
  const pieces = new Pieces();
  pieces.put(0, bytes('....data'));
  pieces.put(8, bytes('more'));
  pieces.put(0, bytes('size'));
  pieces.put(6, bytes('XXXX'));
  expect(await pieces.whole('').text()).toBe('sizedaXXXXre');
});

test('a gap is an error', () => {
  const pieces = new Pieces();
  pieces.put(0, bytes('ab'));
  pieces.put(3, bytes('d'));
  expect(() => pieces.whole('')).toThrow('at 2');
});
