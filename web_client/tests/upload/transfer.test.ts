/** What a transfer makes of an upload that stalls; the tus client is a script of ours. */
import type { UploadOptions } from 'tus-js-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Unreachable } from '../../src/api/problem';
import type { KeptUpload } from '../../src/upload/shelf';
import { STALLED_AFTER_MS, TRIES } from '../../src/upload/stalls';
import { transfer } from '../../src/upload/transfer';

const LONGEST_PAUSE_MS = 30_000;

interface Script {
  starts: number;
  aborts: number;
  onStart: (options: UploadOptions) => void;
}

const script = vi.hoisted<Script>(() => ({ starts: 0, aborts: 0, onStart: () => undefined }));

vi.mock('tus-js-client', () => ({
  DetailedError: class extends Error {},
  Upload: class {
    url = null;

    constructor(
      _file: Blob,
      private readonly options: UploadOptions,
    ) {}

    start(): void {
      script.starts++;
      script.onStart(this.options);
    }

    abort(): Promise<void> {
      script.aborts++;
      return Promise.resolve();
    }
  },
}));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('location', { origin: 'http://x' });
  script.starts = script.aborts = 0;
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const EVENTS = {
  onCreating: () => Promise.resolve(),
  onUrl: () => undefined,
  onBytes: () => undefined,
  onWaiting: () => undefined,
};

function sent(signal = new AbortController().signal): Promise<unknown> {
  const kept = { uploadUrl: null, name: 'clip.mp4', type: 'video/mp4', title: '' } as KeptUpload;
  return transfer(new Blob(['bytes']), kept, EVENTS, signal).catch((error: unknown) => error);
}

test('an upload that stalls again and again ends as unreachable', async () => {
  script.onStart = (options) => options.onProgress?.(3, 5);
  const end = sent();
  await vi.advanceTimersByTimeAsync((TRIES + 1) * (STALLED_AFTER_MS + LONGEST_PAUSE_MS));
  expect(await end).toBeInstanceOf(Unreachable);
  expect(script.starts).toBe(1 + TRIES);
});

test('one that goes on after a stall is finished', async () => {
  script.onStart = (options) => {
    options.onProgress?.(script.starts, 5);
    const lastResponse = { getHeader: () => 'v1' };
    if (script.starts === TRIES + 3) options.onSuccess?.({ lastResponse } as never);
  };
  const end = sent();
  await vi.advanceTimersByTimeAsync((TRIES + 3) * (STALLED_AFTER_MS + LONGEST_PAUSE_MS));
  expect(await end).toMatchObject({ videoId: 'v1' });
  expect(vi.getTimerCount()).toBe(0);
});

test('one that is cancelled in the pause after a stall does not begin again', async () => {
  const cancel = new AbortController();
  script.onStart = (options) => options.onProgress?.(0, 5);
  const end = sent(cancel.signal);
  await vi.advanceTimersByTimeAsync(STALLED_AFTER_MS);
  cancel.abort();
  expect(await end).toBeInstanceOf(Unreachable);
  expect([script.starts, vi.getTimerCount()]).toEqual([1, 0]);
});
