/** One <video> element that shows one video after another: the MP4 at once, HLS when it is worth it. */
import { signal } from '@preact/signals';
import type { Video } from '../api/types';
import { savesData } from './bandwidth';
import { muted, soundRefused } from './sound';
import { expired, startOf, streamOf, worthStreaming } from './sources';
import { Still } from './still';
import type { Stream } from './hls';

/** `stopped`: by the person; `waiting`: for the network; `broken`: it cannot be played. */
export type Phase = 'empty' | 'paused' | 'stopped' | 'waiting' | 'playing' | 'broken';

/** Fetches the video anew, when its addresses have expired. */
export type Renew = (id: string) => Promise<Video>;

const MOST_REPAIRS = 2;

export class Player {
  readonly element = document.createElement('video');
  readonly phase = signal<Phase>('empty');
  /** A frame of this video is really on the screen. */
  readonly painted = signal(false);

  #video: Video | null = null;
  #stream: Stream | null = null;
  #still = new Still(this.element);
  #current = false;
  #repairs = 0;

  constructor(private readonly renew: Renew) {
    const { element } = this;
    element.playsInline = true;
    element.loop = true;
    element.disablePictureInPicture = true;
    element.tabIndex = -1;
    element.setAttribute('aria-hidden', 'true');
    element.addEventListener('playing', () => this.#playing());
    element.addEventListener('waiting', () => this.#waiting());
    element.addEventListener('error', () => void this.#repair());
    muted.subscribe((off) => {
      element.muted = off;
    });
  }

  get videoId(): string | null {
    return this.#video?.id ?? null;
  }

  /** Begins with another video; `eager` fetches ahead of being looked at. */
  show(video: Video, eager: boolean): void {
    if (this.#video?.id === video.id && this.phase.value !== 'broken') {
      this.#video = video;
      this.#upgrade();
      return;
    }
    this.clear();
    this.#video = video;
    this.#repairs = 0;
    this.phase.value = 'paused';
    this.element.preload = eager && !savesData() ? 'auto' : 'metadata';
    this.#open(video, 0);
  }

  /** This is the video that the person looks at: play, or stay stopped where the person stopped it. */
  enter(): void {
    if (this.#current) return;
    this.#current = true;
    this.element.preload = 'auto';
    this.play();
  }

  /** The person went on: stop, and begin anew next time. */
  leave(): void {
    if (!this.#current) return;
    this.#current = false;
    this.element.pause();
    if (this.phase.value !== 'broken') this.phase.value = 'paused';
    if (this.element.readyState > 0) this.element.currentTime = 0;
  }

  play(): void {
    if (!this.#video || this.phase.value === 'broken') return;
    this.phase.value = 'waiting';
    this.element.play().catch((error: unknown) => this.#notPlaying(error));
  }

  /** Stops; `byPerson` is not undone when the page is seen again. */
  pause(byPerson: boolean): void {
    this.element.pause();
    if (this.phase.value !== 'broken') this.phase.value = byPerson ? 'stopped' : 'paused';
  }

  /** Forgets the video and frees the decoder. */
  clear(): void {
    this.#current = false;
    this.#closeStream();
    this.#still.drop();
    this.#video = null;
    this.painted.value = false;
    this.phase.value = 'empty';
    this.element.removeAttribute('src');
    this.element.load();
  }

  #open(video: Video, startAt: number): void {
    const start = startOf(video);
    this.painted.value = false;
    if (start) {
      this.element.dataset.source = 'mp4';
      this.element.src = start.url;
      if (startAt > 0) this.element.currentTime = startAt;
      this.#whenPainted(video.id);
    } else void this.#openStream(video, startAt);
  }

  #whenPainted(id: string): void {
    const painted = () => {
      if (this.#video?.id !== id) return;
      this.painted.value = true;
      this.#still.drop();
    };
    // Where frames are not told (older Firefox), the first data are near enough.
    if ('requestVideoFrameCallback' in this.element)
      this.element.requestVideoFrameCallback(painted);
    else (this.element as HTMLElement).addEventListener('loadeddata', painted, { once: true });
  }

  #playing(): void {
    if (!this.#current) return;
    this.phase.value = 'playing';
    this.#upgrade();
  }

  #waiting(): void {
    if (this.phase.value !== 'playing') return;
    this.phase.value = 'waiting';
    // The MP4 came too slowly: HLS has smaller pictures for such a network.
    const video = this.#video;
    if (video && this.#current && !this.#stream && !this.element.seeking && streamOf(video)) {
      void this.#openStream(video, this.element.currentTime);
    }
  }

  /** Goes over to HLS, under a still picture, once the MP4 is playing and when HLS has more to show. */
  #upgrade(): void {
    const video = this.#video;
    if (!video || this.#stream || !this.#current || this.phase.value !== 'playing') return;
    const [start, stream] = [startOf(video), streamOf(video)];
    if (start && stream && worthStreaming(start, stream, this.#screenShortEdge())) {
      void this.#openStream(video, this.element.currentTime);
    }
  }

  async #openStream(video: Video, startAt: number): Promise<void> {
    const source = streamOf(video);
    if (!source) {
      this.#broken();
      return;
    }
    const { openStream, streams } = await import('./hls');
    if (this.#video?.id !== video.id || this.#stream || !streams()) return;
    const from = startOf(video) ? this.element.currentTime : startAt;
    this.#still.take();
    this.element.dataset.source = 'hls';
    this.#stream = openStream(this.element, source.url, from, () => void this.#repair());
    this.#whenPainted(video.id);
    if (this.#current && this.phase.value !== 'stopped') this.play();
  }

  #closeStream(): void {
    this.#stream?.close();
    this.#stream = null;
  }

  /** Something could not be loaded: fresh addresses, the plain MP4, and no more than twice. */
  async #repair(): Promise<void> {
    const video = this.#video;
    if (!video || !this.element.hasAttribute('src')) return;
    if (this.#repairs++ >= MOST_REPAIRS) {
      this.#broken();
      return;
    }
    const startAt = this.element.currentTime;
    this.#closeStream();
    const fresh =
      expired(video) || this.#repairs > 1 ? await this.renew(video.id).catch(() => video) : video;
    if (this.#video?.id !== video.id) return;
    this.#video = fresh;
    this.#open(fresh, startAt);
    if (this.#current) this.play();
  }

  #broken(): void {
    this.phase.value = 'broken';
  }

  #notPlaying(error: unknown): void {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'NotAllowedError' && !this.element.muted) {
      soundRefused();
      this.play();
    } else if (name === 'NotAllowedError') this.phase.value = 'stopped';
    // AbortError: another video or a pause came in between; NotSupportedError comes as an `error` event too.
  }

  #screenShortEdge(): number {
    const { clientWidth, clientHeight } = this.element;
    return Math.min(clientWidth, clientHeight) * devicePixelRatio;
  }
}
