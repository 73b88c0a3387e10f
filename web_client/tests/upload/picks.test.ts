import { expect, test } from 'vitest';
import { nextOf, withUnheard } from '../../src/upload/picks';

const limits = {
  max_bytes: 500_000_000,
  max_duration_ms: 180_000,
  remaining_today: 2,
  accepted_types: ['video/mp4'],
};
const video = (name: string) => new File(['x'], name, { type: 'video/mp4' });
const text = (name: string) => new File(['x'], name, { type: 'text/plain' });
const empty = new File([], 'empty.mp4', { type: 'video/mp4' });

test('one that cannot be posted is left out by name, and the next one comes', () => {
  const [a, b, c] = [video('a.mp4'), video('b.mp4'), text('c.txt')];
  expect(nextOf([a, b], limits)).toEqual({ file: a, others: [b], trouble: null });
  const { file, others, trouble } = nextOf([c, text('d.txt'), empty, a, b], limits);
  expect([file, others]).toEqual([a, [b]]);
  expect(trouble).toMatch(
    /^Skipped: c\.txt and d\.txt\. .+ Skipped: empty\.mp4\. This file is empty/,
  );
});

test('of a single one it is said what is wrong, without its name', () => {
  const { file, others, trouble } = nextOf([empty], limits);
  expect([file, others]).toEqual([null, []]);
  expect(trouble).toMatch(/^This file is empty/);
  expect(nextOf([empty], limits, true).trouble).toMatch(/^Skipped: empty\.mp4\. /);
});

test('when the day is spent all that are left are named', () => {
  const spent = withUnheard(limits, 2);
  expect(spent.remaining_today).toBe(0);
  const { file, trouble } = nextOf([video('a.mp4'), video('b.mp4')], spent);
  expect(file).toBeNull();
  expect(trouble).toMatch(/^Skipped: a\.mp4 and b\.mp4\. /);
});

test('what has no limit a day has none', () => {
  expect(withUnheard({ ...limits, remaining_today: null }, 3).remaining_today).toBeNull();
  expect(withUnheard(limits, 3).remaining_today).toBe(0);
});
