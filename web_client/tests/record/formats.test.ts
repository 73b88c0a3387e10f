import { expect, test } from 'vitest';
import { containerOf, formatFor, nameFor } from '../../src/record/formats';

const accepted = ['video/mp4', 'video/webm'];

test('MP4 is preferred where the browser has it, WebM else', () => {
  expect(formatFor(accepted, () => true)).toBe('video/mp4;codecs=avc1.42E01E,mp4a.40.2');
  expect(formatFor(accepted, (type) => type.includes('webm'))).toBe('video/webm;codecs=vp9,opus');
});

test('a container that the server does not take is not recorded', () => {
  expect(formatFor(['video/webm'], () => true)).toBe('video/webm;codecs=vp9,opus');
  expect(formatFor(['video/quicktime'], () => true)).toBeNull();
  expect(formatFor(accepted, () => false)).toBeNull();
});

test('the file is named by the day, the time and the container', () => {
  const at = new Date(2026, 0, 9, 7, 5);
  expect(nameFor('video/mp4;codecs=avc1,opus', at)).toBe('recording-2026-01-09-0705.mp4');
  expect(containerOf('Video/WebM; codecs="vp9"')).toBe('video/webm');
});
