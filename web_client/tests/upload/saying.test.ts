import { expect, test } from 'vitest';
import { failureOf } from '../../src/upload/failures';
import { sayingOf } from '../../src/upload/saying';

const MB = 1_000_000;

test('bytes, speed and time left are told while it is sent', () => {
  const saying = sayingOf({ name: 'sending', sent: 2 * MB, bytesPerSecond: 1.5 * MB }, 8 * MB);
  expect(saying.what).toBe('2 of 8 MB · 4 s left');
  expect(saying.note).toMatch(/^1.5 MB\/s · /);
  expect(saying.done).toBeCloseTo(0.175);
});

test('every step is announced once, however far it is', () => {
  const heard = [0, 2 * MB].map(
    (sent) => sayingOf({ name: 'sending', sent, bytesPerSecond: sent }, 8 * MB).heard,
  );
  expect(heard).toEqual(['Uploading…', 'Uploading…']);
  const making = [0.1, 0.6].map(
    (progress) => sayingOf({ name: 'processing', progress }, 8 * MB).heard,
  );
  expect(new Set(making).size).toBe(1);
});

test('before there is a speed, none is told', () => {
  const saying = sayingOf({ name: 'sending', sent: 0, bytesPerSecond: 0 }, 8 * MB);
  expect(saying.what).toBe('0 kB of 8 MB');
  expect(saying.note).not.toContain('/s');
});

test('the bar goes on from sending to making it playable', () => {
  const sent = sayingOf({ name: 'sending', sent: 8 * MB, bytesPerSecond: MB }, 8 * MB).done ?? 0;
  const begun = sayingOf({ name: 'processing', progress: 0 }, 8 * MB).done ?? 0;
  expect(begun).toBeGreaterThanOrEqual(sent);
  expect(sayingOf({ name: 'processing', progress: 1 }, 8 * MB).done).toBe(1);
});

test('a pause says how far it is', () => {
  expect(sayingOf({ name: 'paused', sent: 3 * MB }, 8 * MB).what).toBe('Paused at 3 of 8 MB');
  expect(sayingOf({ name: 'paused', sent: 0 }, 8 * MB).what).toBe('Paused');
});

test.each([
  ['unreadable', false],
  ['too_long', false],
  ['timed_out', true],
  ['internal', true],
  ['something_new', true],
])('after %s sending it again may help: %s', (code, again) => {
  const failure = failureOf(code);
  expect(failure.again).toBe(again);
  expect(failure.words).not.toBe('');
});
