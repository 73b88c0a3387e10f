/** Numbers, sizes and times as people read them on a small screen. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const plain = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const sameYear = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });
const otherYear = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  year: 'numeric',
});

/** 318, 9,310, 12.4k, 1.2m */
export function count(of: number): string {
  return of < 10_000 ? plain.format(of) : compact.format(of).toLowerCase();
}

/** "1 follower", "2 followers" */
export function counted(of: number, one: string, many = `${one}s`): string {
  return `${count(of)} ${of === 1 ? one : many}`;
}

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
  return all.endsWith(` ${unit}`) ? `${some} of ${all}` : `${size(part)} of ${all}`;
}

/** 0:07, 2:45 */
export function clock(ms: number): string {
  const seconds = Math.round(ms / SECOND);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** now, 4 min, 3 h, 6 d, 12 Mar, 12 Mar 2025 */
export function since(time: string, now: number = Date.now()): string {
  const then = new Date(time);
  const age = now - then.getTime();
  if (age < MINUTE) return 'now';
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h`;
  if (age < 7 * DAY) return `${Math.floor(age / DAY)} d`;
  return (then.getFullYear() === new Date(now).getFullYear() ? sameYear : otherYear).format(then);
}

/** "8 s left", "2 min left"; nothing while the speed is not known. */
export function timeLeft(bytes: number, bytesPerSecond: number): string {
  if (bytesPerSecond <= 0) return '';
  const seconds = Math.ceil(bytes / bytesPerSecond);
  return seconds < 60 ? `${seconds} s left` : `${Math.ceil(seconds / 60)} min left`;
}

/** How many characters a person would count: code points, as the server does. */
export function codePoints(text: string): number {
  return Array.from(text).length;
}

function oneDigit(value: number): string {
  return value < 10 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value));
}
