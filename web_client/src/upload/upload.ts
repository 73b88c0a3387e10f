/** One upload from the picked file to the playing video: it goes on after reloads, breaks and other tabs. */
import { signal } from '@preact/signals';
import { explain } from '../api/explain';
import { refusedWith, Unreachable } from '../api/problem';
import type { Video } from '../api/types';
import { pauseMs } from '../kit/backoff';
import type { VideoProgress } from '../live/messages';
import { fetchVideo } from '../videos/store';
import { failureInWords } from './failures';
import {
  forgetFile,
  forgetUpload,
  keepUpload,
  type KeptUpload,
  keptFile,
  keptUpload,
} from './shelf';
import { Speed } from './speed';

export type Step =
  | { name: 'starting' | 'offline' | 'needs-file' | 'playable' | 'ready' | 'duplicate' }
  | { name: 'sending'; sent: number; bytesPerSecond: number }
  | { name: 'stuck'; words: string }
  | { name: 'processing'; progress: number }
  | { name: 'failed'; words: string };

export class Upload {
  readonly step = signal<Step>({ name: 'starting' });
  /** For ever. */
  #stop = new AbortController();
  /** This attempt. */
  #pause = new AbortController();
  #poll: ReturnType<typeof setTimeout> | undefined;
  #polls = 0;

  constructor(
    private kept: KeptUpload,
    private readonly onPlayable: (video: Video) => void,
    /** Null after a reload: it is looked for on the shelf. */
    private file: Blob | null = null,
  ) {}

  get key(): string {
    return this.kept.key;
  }

  get title(): string {
    return this.kept.title || this.kept.name;
  }

  get size(): number {
    return this.kept.size;
  }

  get picture(): Blob | null {
    return this.kept.picture;
  }

  get videoId(): string | null {
    return this.kept.videoId;
  }

  /** Begins or goes on; in one tab at a time. */
  async run(): Promise<void> {
    if (this.kept.videoId) return this.#follow();
    const { signal: stop } = this.#stop;
    const send = () => (stop.aborted ? Promise.resolve() : this.#send());
    if (!('locks' in navigator)) return send();
    // Rejects when the upload is cancelled while another tab holds the lock.
    await navigator.locks
      .request(`reelwire.upload.${this.key}`, { signal: stop }, send)
      .catch(() => undefined);
  }

  /** The person picked the file again after a reload; null when it is the right one, else what is wrong. */
  refill(file: File): string | null {
    const { size, lastModified, name } = this.kept;
    if (file.size !== size || file.lastModified !== lastModified) {
      return `This is another file than ${name}. Pick that one.`;
    }
    this.file = file;
    void this.run();
    return null;
  }

  /** The machine lost its network: what is on its way is given up, to go on from the server's offset. */
  offline(): void {
    const { name } = this.step.value;
    if (name === 'sending' || name === 'starting') this.#pause.abort();
  }

  /** Stuck or offline, but something changed for the better. */
  again(): void {
    const { name } = this.step.value;
    if (name === 'stuck' || name === 'offline') void this.run();
    else if (name === 'processing') void this.#ask();
  }

  /** The card goes; of an upload that is not finished the server is told that it will not go on. */
  async cancel(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#poll);
    const { uploadUrl, videoId } = this.kept;
    await forgetUpload(this.key);
    if (!uploadUrl || videoId) return;
    const { terminate } = await import('./transfer');
    await terminate(uploadUrl);
  }

  /** The server says how far the video is. */
  heard({ id, status, progress, error }: VideoProgress): void {
    const was = this.step.value.name;
    if (id !== this.kept.videoId || was === 'duplicate') return;
    if (status === 'failed') this.#end({ name: 'failed', words: failureInWords(error?.code) });
    else if (status === 'ready') this.#end({ name: 'ready' });
    else if (status === 'playable') this.step.value = { name: 'playable' };
    else this.step.value = { name: 'processing', progress };
    const plays = status === 'playable' || status === 'ready';
    if (plays && was !== 'playable' && was !== 'ready') {
      void fetchVideo(id).then(this.onPlayable, () => undefined);
    }
  }

  async #send(): Promise<void> {
    // Another tab may have sent it while we waited for our turn.
    const kept = await keptUpload(this.key).catch(() => this.kept);
    if (!kept) {
      this.#end({ name: 'ready' });
      return;
    }
    this.kept = kept;
    if (kept.videoId) return this.#follow();
    this.file ??= (await keptFile(this.key).catch(() => null)) ?? null;
    if (!this.file) {
      this.step.value = { name: 'needs-file' };
      return;
    }
    this.step.value = { name: 'starting' };
    try {
      await this.#transfer(this.file);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#broke(error);
    }
  }

  async #transfer(file: Blob): Promise<void> {
    const { transfer } = await import('./transfer');
    const speed = new Speed();
    const events = {
      onUrl: (uploadUrl: string) => this.#keep({ uploadUrl }),
      onBytes: (sent: number) => {
        speed.add(performance.now(), sent);
        this.step.value = { name: 'sending', sent, bytesPerSecond: speed.bytesPerSecond };
      },
    };
    this.#pause = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, this.#pause.signal]);
    const { videoId, duplicate } = await transfer(file, this.kept, events, signal);
    this.#keep({ videoId });
    this.file = null;
    void forgetFile(this.key).catch(() => undefined);
    if (duplicate) this.#end({ name: 'duplicate' });
    else await this.#follow();
  }

  /** All bytes are there; from now on the socket tells, and we ask now and then in case it was away. */
  async #follow(): Promise<void> {
    if (this.step.value.name !== 'playable') this.step.value = { name: 'processing', progress: 0 };
    await this.#ask();
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#poll);
    const { videoId } = this.kept;
    if (!videoId || this.#stop.signal.aborted) return;
    try {
      this.heard(await fetchVideo(videoId));
    } catch (error) {
      if (refusedWith(error, 'not_found')) this.#end({ name: 'failed', words: 'It was deleted.' });
    }
    const { name } = this.step.value;
    if (name === 'processing' || name === 'playable') {
      this.#poll = setTimeout(() => void this.#ask(), 4_000 + pauseMs(++this.#polls));
    }
  }

  #broke(error: unknown): void {
    const passing = error instanceof Unreachable && !navigator.onLine;
    this.step.value = passing ? { name: 'offline' } : { name: 'stuck', words: explain(error) };
  }

  #end(step: Step): void {
    clearTimeout(this.#poll);
    this.step.value = step;
    void forgetUpload(this.key).catch(() => undefined);
  }

  #keep(change: Partial<KeptUpload>): void {
    this.kept = { ...this.kept, ...change };
    void keepUpload(this.kept).catch(() => undefined);
  }
}
