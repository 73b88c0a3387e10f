/** The tus client and a server behind it, as far as an upload can tell: what is asked for, and what becomes of it. */
import type { HttpRequest, HttpResponse, UploadOptions } from 'tus-js-client';

export interface Server {
  /** Addresses of what was begun, in turn. */
  begun: string[];
  /** What was given up by request. */
  ended: string[];
  gone: Set<string>;
  /** What it says to whoever asks for a new upload. */
  creating: number;
  /** Bytes that arrived of the upload that is being sent. */
  offset: number;
  /** Answers the request that brings bytes. */
  answer: (status: number) => void;
}

export function emptyServer(): Server {
  const answer = () => undefined;
  return { begun: [], ended: [], gone: new Set(), creating: 201, offset: 0, answer };
}

class Refusal extends Error {
  readonly originalResponse: Pick<HttpResponse, 'getStatus' | 'getBody'>;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.originalResponse = { getStatus: () => status, getBody: () => '{}' };
  }
}

export function tusOf(server: Server) {
  class Upload {
    url: string | null = null;
    #aborted = false;

    constructor(
      _file: Blob,
      readonly options: UploadOptions,
    ) {}

    static terminate(url: string): Promise<void> {
      server.ended.push(url);
      server.gone.add(url);
      return Promise.resolve();
    }

    start(): void {
      this.#aborted = false;
      this.url ??= this.options.uploadUrl ?? null;
      void (this.url ? this.#resume(this.url) : this.#create()).catch((error: unknown) =>
        this.#failed(error as Error),
      );
    }

    abort(): Promise<void> {
      this.#aborted = true;
      return Promise.resolve();
    }

    async #ask(method: string): Promise<void> {
      await this.options.onBeforeRequest?.({
        getMethod: () => method,
        setHeader: () => undefined,
      } as unknown as HttpRequest);
    }

    /** The real one too answers any refusal by a new upload, where it has an endpoint. */
    async #resume(url: string): Promise<void> {
      await this.#ask('HEAD');
      if (!server.gone.has(url)) await this.#send();
      else if (this.options.endpoint) await this.#create();
      else throw new Refusal(410);
    }

    async #create(): Promise<void> {
      await this.#ask('POST');
      if (server.creating !== 201) throw new Refusal(server.creating);
      this.url = `/uploads/${server.begun.length + 1}`;
      server.begun.push(this.url);
      this.options.onUploadUrlAvailable?.();
      await this.#send();
    }

    async #send(): Promise<void> {
      await this.#ask('PATCH');
      const answer = new Promise<number>((resolve) => (server.answer = resolve));
      this.options.onProgress?.(server.offset, 3);
      const status = await answer;
      if (this.#aborted) return;
      if (status !== 204) throw new Refusal(status);
      const lastResponse = { getHeader: (name: string) => (name === 'Video-Id' ? 'v1' : null) };
      this.options.onSuccess?.({ lastResponse } as never);
    }

    #failed(error: Error): void {
      if (this.#aborted) return;
      if (this.options.onShouldRetry?.(error as never, 0, this.options))
        setImmediate(() => this.start());
      else this.options.onError?.(error);
    }
  }

  return { DetailedError: Refusal, Upload };
}
