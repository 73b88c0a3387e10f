/** A recording from the first look into the camera to the file: counts down, pauses, turns the camera, ends by itself in time. */
import { signal } from '@preact/signals';
import type { UploadLimits } from '../api/types';
import {
  closeCamera,
  type Facing,
  hasTwoCameras,
  openCamera,
  type Refusal,
  refusalOf,
} from './camera';
import { containerOf, formatFor, nameFor } from './formats';
import { Level } from './level';
import { Stopwatch } from './stopwatch';

export type Stage =
  | { name: 'asking' | 'ready' | 'recording' | 'paused' | 'finishing' }
  | { name: 'counting'; left: number }
  | { name: 'refused'; why: Refusal };

const SECOND = 1_000;
const TICK_MS = 100;
/** So much before the limit it ends: the last pictures take a moment to arrive. */
const MARGIN_MS = 500;
/** What the server makes of it is smaller; more makes the upload long. */
const PICTURE_BITS = 6_000_000;
const SOUND_BITS = 128_000;

export class Recorder {
  readonly stage = signal<Stage>({ name: 'asking' });
  readonly stream = signal<MediaStream | null>(null);
  readonly facing = signal<Facing>('user');
  readonly canTurn = signal(false);
  readonly elapsedMs = signal(0);
  readonly level = new Level();
  /** The longest that may be recorded, in milliseconds. */
  readonly mostMs: number;
  #format: string | null;
  #recorder: MediaRecorder | null = null;
  #pieces: Blob[] = [];
  #watch = new Stopwatch();
  #tick: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  constructor(
    { accepted_types, max_duration_ms }: UploadLimits,
    private readonly onFile: (file: File) => void,
  ) {
    this.mostMs = max_duration_ms - MARGIN_MS;
    this.#format =
      'MediaRecorder' in globalThis
        ? formatFor(accepted_types, (type) => MediaRecorder.isTypeSupported(type))
        : null;
  }

  /** Asks for the camera; again after it was refused. */
  async open(): Promise<void> {
    this.stage.value = { name: 'asking' };
    if (!this.#format) {
      this.stage.value = { name: 'refused', why: 'unsupported' };
      return;
    }
    this.#release();
    try {
      const stream = await openCamera(this.facing.value);
      if (this.#closed) {
        closeCamera(stream);
        return;
      }
      this.stream.value = stream;
      this.level.listen(stream);
      this.canTurn.value = await hasTwoCameras();
      this.stage.value = { name: 'ready' };
    } catch (error) {
      this.stage.value = { name: 'refused', why: refusalOf(error) };
    }
  }

  /** The other camera; not while something is recorded. */
  async turn(): Promise<void> {
    if (this.stage.value.name !== 'ready') return;
    this.facing.value = this.facing.value === 'user' ? 'environment' : 'user';
    await this.open();
  }

  /** Records after so many seconds. */
  start(afterSeconds: number): void {
    if (this.stage.value.name !== 'ready') return;
    if (afterSeconds === 0) {
      this.#record();
      return;
    }
    this.stage.value = { name: 'counting', left: afterSeconds };
    this.#every(SECOND, () => {
      const { value: stage } = this.stage;
      if (stage.name !== 'counting') return;
      if (stage.left > 1) this.stage.value = { name: 'counting', left: stage.left - 1 };
      else this.#record();
    });
  }

  /** Nothing was recorded yet. */
  stopCounting(): void {
    if (this.stage.value.name !== 'counting') return;
    clearInterval(this.#tick);
    this.stage.value = { name: 'ready' };
  }

  pause(): void {
    if (this.stage.value.name !== 'recording') return;
    this.#recorder?.pause();
    this.#watch.pause(performance.now());
    this.stage.value = { name: 'paused' };
  }

  goOn(): void {
    if (this.stage.value.name !== 'paused') return;
    this.#recorder?.resume();
    this.#watch.start(performance.now());
    this.stage.value = { name: 'recording' };
  }

  /** Nobody sees the page any more: nothing goes on being recorded, and nothing begins to be. */
  hidden(): void {
    this.stopCounting();
    this.pause();
  }

  /** That is it: the file comes. */
  finish(): void {
    const { name } = this.stage.value;
    if (name !== 'recording' && name !== 'paused') return;
    this.stage.value = { name: 'finishing' };
    clearInterval(this.#tick);
    this.#recorder?.stop();
  }

  /** Lets go of everything; what was recorded is gone. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#tick);
    if (this.#recorder?.state !== 'inactive') this.#recorder?.stop();
    this.#release();
  }

  #record(): void {
    const { value: stream } = this.stream;
    if (!stream || !this.#format) return;
    const recorder = new MediaRecorder(stream, {
      mimeType: this.#format,
      videoBitsPerSecond: PICTURE_BITS,
      audioBitsPerSecond: SOUND_BITS,
    });
    this.#pieces = [];
    this.#watch = new Stopwatch();
    recorder.ondataavailable = ({ data }) => this.#pieces.push(data);
    recorder.onstop = () => this.#stopped(recorder.mimeType);
    recorder.onstart = () => this.#watch.start(performance.now());
    recorder.start(SECOND);
    this.#recorder = recorder;
    this.stage.value = { name: 'recording' };
    this.#every(TICK_MS, () => {
      this.elapsedMs.value = this.#watch.elapsed(performance.now());
      if (this.elapsedMs.value >= this.mostMs) this.finish();
    });
  }

  /** Also where the camera was pulled out. */
  #stopped(type: string): void {
    if (this.#closed) return;
    const container = containerOf(type);
    const file = new File(this.#pieces, nameFor(container, new Date()), { type: container });
    this.close();
    this.onFile(file);
  }

  #every(ms: number, act: () => void): void {
    clearInterval(this.#tick);
    this.#tick = setInterval(act, ms);
  }

  #release(): void {
    this.level.stop();
    closeCamera(this.stream.value);
    this.stream.value = null;
  }
}
