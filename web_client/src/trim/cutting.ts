/** Cuts a part out of a file, in a worker: the screen goes on moving meanwhile. */
import { ownScript } from '../kit/own-script';
import type { TrimRange } from './range';
import workerUrl from './cutting-worker?worker&url';

/** What the worker is asked. */
export type Question = { kind: 'look'; file: Blob } | { kind: 'cut'; file: Blob; range: TrimRange };

/** What it says; the last word is one of the others than progress. */
export type Word =
  | { kind: 'progress'; share: number }
  | { kind: 'looked'; cuttable: boolean }
  | { kind: 'cut'; part: Blob }
  | { kind: 'failed'; why: string };

/** Nothing can be cut out of this file here. */
export class Uncuttable extends Error {}

/** Silence for longer means that the worker hangs: it says how far it is all the time. */
const SILENT_MS = 30_000;

/** Whether parts can be cut out of this file: its pictures and its sound can be copied. */
export async function cuttable(file: Blob): Promise<boolean> {
  try {
    const word = await ask({ kind: 'look', file }, () => undefined);
    return word.kind === 'looked' && word.cuttable;
  } catch {
    return false;
  }
}

/**
 * That part as an MP4, copied and not encoded anew; `onProgress` hears how much of it is done, 0 to 1.
 *
 * Throws Uncuttable; and the signal's reason once that was given.
 */
export async function cutOut(
  file: Blob,
  range: TrimRange,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const word = await ask({ kind: 'cut', file, range }, onProgress, signal);
  if (word.kind === 'cut') return word.part;
  throw new Uncuttable(word.kind === 'failed' ? word.why : 'no part came');
}

/** One worker for one question. */
function ask(
  question: Question,
  onProgress: (share: number) => void,
  signal?: AbortSignal,
): Promise<Word> {
  signal?.throwIfAborted();
  const worker = new Worker(ownScript(workerUrl), { type: 'module' });
  let silence: ReturnType<typeof setTimeout> | undefined;
  const ears = new AbortController();
  return new Promise<Word>((resolve, reject) => {
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => reject(new Uncuttable('it hangs')), SILENT_MS);
    };
    worker.onmessage = ({ data }: MessageEvent<Word>) => {
      listen();
      if (data.kind === 'progress') onProgress(data.share);
      else resolve(data);
    };
    worker.onerror = () => reject(new Uncuttable('it does not start'));
    const abort = () => reject(signal?.reason as Error);
    signal?.addEventListener('abort', abort, { signal: ears.signal });
    listen();
    worker.postMessage(question);
  }).finally(() => {
    clearTimeout(silence);
    ears.abort();
    worker.terminate();
  });
}
