/** Sizes and times as people read them on a small screen, in the language of the page. */
import { language } from '../words/language';
import { words } from '../words/words';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DAY_AND_MONTH = { month: 'short', day: 'numeric' } as const;
const YEAR = { year: 'numeric' } as const;

/** 640 kB, 38 MB, 1.2 GB (powers of 1000) */
export function size(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  if (bytes < 1_000_000_000) return `${oneDigit(bytes / 1_000_000)} MB`;
  return `${oneDigit(bytes / 1_000_000_000)} GB`;
}

/** "1.2 of 4.3 MB", "640 kB of 4.3 MB": the unit is said once where it is the same. */
export function sizeOf(part: number, whole: number): string {
  const [some = '', unit] = size(part).split(' ');
  const all = size(whole);
  return words.value.numbers.of(all.endsWith(` ${unit}`) ? some : size(part), all);
}

/** 0:07, 2:45 */
export function clock(ms: number): string {
  const seconds = Math.round(ms / SECOND);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** 0:07.3, with the comma of other languages */
export function fineClock(ms: number): string {
  const tenths = Math.round(ms / 100);
  const seconds = new Intl.NumberFormat(language.value, {
    minimumIntegerDigits: 2,
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format((tenths % 600) / 10);
  return `${Math.floor(tenths / 600)}:${seconds}`;
}

/** now, 4 min, 3 h, 6 d, 12 Mar, 12 Mar 2025 */
export function since(time: string, now: number = Date.now()): string {
  const then = new Date(time);
  const age = now - then.getTime();
  if (age < MINUTE) return words.value.numbers.now;
  if (age < HOUR) return words.value.numbers.minutes(Math.floor(age / MINUTE));
  if (age < DAY) return words.value.numbers.hours(Math.floor(age / HOUR));
  if (age < 7 * DAY) return words.value.numbers.days(Math.floor(age / DAY));
  const year = then.getFullYear() === new Date(now).getFullYear() ? {} : YEAR;
  return new Intl.DateTimeFormat(language.value, { ...DAY_AND_MONTH, ...year }).format(then);
}

/** "8 s left", "2 min left"; nothing while the speed is not known. */
export function timeLeft(bytes: number, bytesPerSecond: number): string {
  if (bytesPerSecond <= 0) return '';
  const seconds = Math.ceil(bytes / bytesPerSecond);
  const { secondsLeft, minutesLeft } = words.value.numbers;
  return seconds < 60 ? secondsLeft(seconds) : minutesLeft(Math.ceil(seconds / 60));
}

/** How many characters a person would count: code points, as the server does. */
export function codePoints(text: string): number {
  return Array.from(text).length;
}

function oneDigit(value: number): string {
  return new Intl.NumberFormat(language.value, {
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}
