import { expect, test } from 'vitest';
import { afterClose } from '../../src/live/closing';

const longest = () => 1;
const shortest = () => 0;

test('a restarting server says when to come back', () => {
  expect(afterClose(1012, 'retry_after_ms=1234', 1, longest)).toEqual({
    waitMs: 1234,
    renew: false,
  });
});

test('nobody keeps us away for longer than half a minute', () => {
  expect(afterClose(1012, 'retry_after_ms=99999', 1).waitMs).toBe(30_000);
});

test('an unreadable reason is as good as none', () => {
  expect(afterClose(1012, 'retry_after_ms=soon', 1, longest).waitMs).toBe(1000);
});

test('a refused ticket is replaced at once, a second one after a pause', () => {
  expect(afterClose(4001, '', 1, longest)).toEqual({ waitMs: 0, renew: true });
  expect(afterClose(4002, '', 3, longest)).toEqual({ waitMs: 4000, renew: true });
});

test('a revoked session stays away', () => {
  expect(afterClose(4003, '', 1).waitMs).toBeNull();
});

test('after too much we stay away for ten seconds at least', () => {
  expect(afterClose(4008, '', 1, shortest).waitMs).toBe(10_500);
});

test('anything else backs off with jitter', () => {
  expect(afterClose(1006, '', 4, shortest).waitMs).toBe(500);
  expect(afterClose(1006, '', 4, longest).waitMs).toBe(8000);
});
