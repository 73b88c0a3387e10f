import { expect, test } from 'vitest';
import { Speed } from '../../src/upload/speed';

test('two moments make a speed', () => {
  const speed = new Speed();
  speed.add(0, 0);
  expect(speed.bytesPerSecond).toBe(0);
  speed.add(2_000, 4_000_000);
  expect(speed.bytesPerSecond).toBe(2_000_000);
});

test('only the last seconds count', () => {
  const speed = new Speed();
  speed.add(0, 0);
  speed.add(10_000, 50_000_000);
  speed.add(12_000, 51_000_000);
  expect(speed.bytesPerSecond).toBe(500_000);
});

test('a rollback to an earlier offset is no negative speed', () => {
  const speed = new Speed();
  speed.add(0, 5_000_000);
  speed.add(1_000, 1_000_000);
  expect(speed.bytesPerSecond).toBe(0);
});
