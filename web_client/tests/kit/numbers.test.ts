import { expect, test } from 'vitest';
import { clock, codePoints, fineClock, since, size, sizeOf, timeLeft } from '../../src/kit/numbers';
import { language } from '../../src/words/language';

test('sizes use powers of a thousand', () => {
  expect([640_000, 1_200_000, 38_400_000, 1_500_000_000].map(size)).toEqual([
    '640 kB',
    '1.2 MB',
    '38 MB',
    '1.5 GB',
  ]);
});

test('a part and its whole share their unit', () => {
  expect(sizeOf(1_200_000, 4_300_000)).toBe('1.2 of 4.3 MB');
  expect(sizeOf(640_000, 4_300_000)).toBe('640 kB of 4.3 MB');
});

test('durations read like a clock', () => {
  expect([7_000, 165_000, 180_400].map(clock)).toEqual(['0:07', '2:45', '3:00']);
});

test('short durations have tenths, in the language of the page', () => {
  expect([7_340, 59_960, 180_000].map(fineClock)).toEqual(['0:07.3', '1:00.0', '3:00.0']);
  language.value = 'de';
  expect(fineClock(7_340)).toBe('0:07,3');
  language.value = 'en';
});

test('ages grow coarser', () => {
  const now = Date.parse('2026-06-15T12:00:00Z');
  const at = (time: string) => since(time, now);
  expect(at('2026-06-15T11:59:30Z')).toBe('now');
  expect(at('2026-06-15T11:56:00Z')).toBe('4 min');
  expect(at('2026-06-15T09:00:00Z')).toBe('3 h');
  expect(at('2026-06-12T12:00:00Z')).toBe('3 d');
  expect(at('2026-03-12T12:00:00Z')).toBe('Mar 12');
  expect(at('2025-03-12T12:00:00Z')).toBe('Mar 12, 2025');
});

test('a clock that runs behind the server shows no negative age', () => {
  expect(since('2026-06-15T12:00:05Z', Date.parse('2026-06-15T12:00:00Z'))).toBe('now');
});

test('time left is told once the speed is known', () => {
  expect(timeLeft(1_000_000, 0)).toBe('');
  expect(timeLeft(8_000_000, 1_000_000)).toBe('8 s left');
  expect(timeLeft(150_000_000, 1_000_000)).toBe('3 min left');
});

test('an emoji is one character, as on the server', () => {
  expect(codePoints('😀é')).toBe(2);
});
