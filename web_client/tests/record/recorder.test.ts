import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Recorder } from '../../src/record/recorder';

const limits = {
  max_bytes: 500_000_000,
  max_duration_ms: 180_000,
  remaining_today: 48,
  accepted_types: ['video/mp4'],
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a countdown ends in a hidden page, and nothing is recorded there', () => {
  const recorder = new Recorder(limits, () => undefined);
  recorder.stage.value = { name: 'ready' };
  recorder.start(3);
  vi.advanceTimersByTime(1_000);
  expect(recorder.stage.value).toEqual({ name: 'counting', left: 2 });
  recorder.hidden();
  vi.advanceTimersByTime(10_000);
  expect(recorder.stage.value).toEqual({ name: 'ready' });
});

test('the camera is let go of with the screen', () => {
  const recorder = new Recorder(limits, () => undefined);
  const stop = vi.fn();
  recorder.stream.value = { getTracks: () => [{ stop }, { stop }] } as unknown as MediaStream;
  recorder.close();
  expect(stop).toHaveBeenCalledTimes(2);
  expect(recorder.stream.value).toBeNull();
});
