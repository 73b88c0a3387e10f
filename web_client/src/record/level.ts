/** How loud it is at the microphone, so that one sees that it hears something. */
import { type Signal, signal } from '@preact/signals';

const EVERY_MS = 80;
/** Speech at arm's length fills the scale. */
const LOUD = 0.25;

export class Level {
  /** 0..1; null where there is no microphone. */
  readonly value: Signal<number | null> = signal(null);
  #context: AudioContext | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  listen(stream: MediaStream): void {
    this.stop();
    if (stream.getAudioTracks().length === 0) return;
    this.value.value = 0;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    // Browsers that start it silent wait for a touch; then it stays at nothing.
    void context.resume().catch(() => undefined);
    const samples = new Float32Array(analyser.fftSize);
    this.#context = context;
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.value.value = loudness(samples);
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    void this.#context?.close().catch(() => undefined);
    this.#context = null;
    this.value.value = null;
  }
}

/** The root of the mean square, on a scale of 0 to 1. */
export function loudness(samples: Float32Array): number {
  const squares = samples.reduce((sum, sample) => sum + sample * sample, 0);
  return Math.min(1, Math.sqrt(squares / Math.max(1, samples.length)) / LOUD);
}
