/** The bytes on their way by the tus protocol; a chunk of its own, loaded with the first upload. */
import {
  DetailedError,
  type HttpRequest,
  type HttpResponse,
  Upload as TusUpload,
} from 'tus-js-client';
import { accessToken, renewed } from '../accounts/tokens';
import { Problem, Unreachable } from '../api/problem';
import { API } from '../api/operations';
import { pauseMs } from '../kit/backoff';
import type { KeptUpload } from './shelf';
import { Stalls, TRIES } from './stalls';

export interface TransferEvents {
  /** The server is about to be asked for a new upload; whoever does not want that any more aborts the signal. */
  onCreating: () => Promise<void>;
  onUrl: (url: string) => void;
  onBytes: (sent: number) => void;
  /** No answer, or a bad one: the next try comes after a pause. */
  onWaiting: () => void;
}

export interface Finished {
  videoId: string;
  /** The same file was posted before: this is that video. */
  duplicate: boolean;
}

/** Sends the file, from where the server has it; throws Problem or Unreachable when the tries are used up. */
export function transfer(
  file: Blob,
  kept: KeptUpload,
  events: TransferEvents,
  signal: AbortSignal,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const stalls = new Stalls({
      abort: () => void upload.abort(),
      start: () => upload.start(),
      giveUp: () => reject(new Unreachable('no byte moved')),
    });
    const end = (act: () => void) => {
      stalls.end();
      act();
    };
    const upload = new TusUpload(file, {
      // What the server has no more is never begun again without a word from outside: without an endpoint tus cannot.
      endpoint: kept.uploadUrl ? null : `${location.origin}${API}/uploads`,
      uploadUrl: kept.uploadUrl,
      uploadSize: file.size,
      metadata: metadataOf(kept),
      retryDelays: Array.from({ length: TRIES }, (_, attempt) => pauseMs(attempt + 1)),
      // Kept on our own shelf, with the file beside it.
      storeFingerprintForResuming: false,
      onBeforeRequest: async (request) => {
        stalls.watch();
        if (request.getMethod() === 'POST') await events.onCreating();
        await authorize(request);
        // An abort does not stop a request that has not begun.
        signal.throwIfAborted();
      },
      onAfterResponse: async (_, response) => {
        if (response.getStatus() === 401) await renewed((await accessToken()) ?? '');
      },
      onShouldRetry: (error) => {
        stalls.rest(); // the pause until the next try is no stall
        const again = mayPass(error);
        if (again) events.onWaiting();
        return again;
      },
      onUploadUrlAvailable: () => {
        upload.options.endpoint = null;
        if (upload.url) events.onUrl(upload.url);
      },
      onProgress: (sent) => {
        stalls.moved(sent);
        events.onBytes(sent);
      },
      onSuccess: ({ lastResponse }) => end(() => resolve(finishedBy(lastResponse))),
      onError: (error) => end(() => reject(reasonOf(error))),
    });
    signal.addEventListener('abort', () =>
      end(() => {
        void upload.abort();
        reject(new Unreachable('given up'));
      }),
    );
    if (signal.aborted) reject(new Unreachable('given up'));
    else upload.start();
  });
}

/** Tells the server that an unfinished upload will not go on. */
export async function terminate(url: string): Promise<void> {
  await TusUpload.terminate(url, { onBeforeRequest: authorize });
}

async function authorize(request: HttpRequest): Promise<void> {
  const token = await accessToken();
  if (token) request.setHeader('Authorization', `Bearer ${token}`);
}

function metadataOf({
  name,
  type,
  cut,
  title,
  description,
  visibility,
}: KeptUpload): Record<string, string> {
  return { filename: name, filetype: cut?.type ?? type, title, description, visibility };
}

function finishedBy(response: HttpResponse): Finished {
  return {
    videoId: response.getHeader('Video-Id') ?? '',
    duplicate: response.getHeader('Video-Duplicate') === 'true',
  };
}

/** Does the server say that it has nothing of this upload any more? */
export function isGone(error: unknown): boolean {
  return error instanceof Problem && [404, 410].includes(error.status);
}

/** No answer, a server in trouble, a lock, a moved offset, a renewed token: trying again helps. */
function mayPass(error: Error | DetailedError): boolean {
  const status = error instanceof DetailedError ? (error.originalResponse?.getStatus() ?? 0) : 0;
  if (status === 0) return navigator.onLine;
  return status >= 500 || [401, 409, 423, 460].includes(status);
}

function reasonOf(error: Error | DetailedError): Error {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (!response) return new Unreachable(error.message);
  try {
    return new Problem(response.getStatus(), JSON.parse(response.getBody()) as object);
  } catch {
    return new Problem(response.getStatus(), {});
  }
}
