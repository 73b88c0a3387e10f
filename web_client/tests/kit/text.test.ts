import { expect, test } from 'vitest';
import { cut, pieces, trimmed, withoutEmptyLines } from '../../src/kit/text';

const hashtags = (caption: string) =>
  pieces(caption)
    .filter((piece) => piece.hashtag)
    .map((piece) => piece.text);

test('hashtags of any script are found', () => {
  expect(hashtags('First light #sunrise, #Öl_7 and #海')).toEqual(['#sunrise', '#Öl_7', '#海']);
});

test('a lone # is no hashtag, and ## makes one', () => {
  expect(hashtags('# no #-no ##yes')).toEqual(['#yes']);
});

test('mentions and hashtags lead to their pages', () => {
  const links = (text: string) => pieces(text).flatMap(({ leadsTo }) => leadsTo ?? []);
  expect(links('@Ann, (@ben_2) #Öl_7')).toEqual(['/@Ann', '/@ben_2', '/hashtags/%C3%B6l_7']);
  expect(links('me@example.org @an @annä @@ann https://x.org/@ann @ann@x')).toEqual([]);
});

test('the pieces are the caption, markup included as text', () => {
  const caption = '<img src=x onerror=alert(1)> #a#b tail';
  expect(
    pieces(caption)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(caption);
  expect(hashtags(caption)).toEqual(['#a', '#b']);
});

test('white space around a text is what Unicode calls so, and what is within stays', () => {
  expect(trimmed('\u2028\u0085 \t\u001f a\u3000b\n \u001c\n\u00a0')).toBe(
    '\u001f a\u3000b\n \u001c',
  );
  expect(trimmed('\ufeff')).toBe('\ufeff');
  expect(trimmed(' x ')).toBe('x');
  expect(trimmed(' \u3000\n')).toBe('');
  expect(trimmed('')).toBe('');
});

test('empty lines go, others stay', () => {
  expect(withoutEmptyLines('one\n two \n\n \r\nthree')).toBe('one\ntwo\nthree');
});

test('a text is cut between characters as people see them', () => {
  expect(cut('one two', 7)).toBe('one two');
  expect(cut('one two', 4)).toBe('one…');
  expect(cut('👩‍👩‍👧👍🏽é', 2)).toBe('👩‍👩‍👧👍🏽…');
});
