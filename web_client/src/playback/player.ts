/** One <video> element that shows one video after another: the MP4 at once, or HLS. */
import { signal } from '@preact/signals';
import type { Source, Video } from '../api/types';
import { imported } from '../kit/imported';
import { measuredBandwidth } from './bandwidth';
import type { Stream } from './hls';
import { holds, loadedUntil, wholeLoaded } from './loaded';
import { dataSaver } from './saving';
import { muted, soundRefused } from './sound';
import { bytesUntil, expired, startOf, streamOf, worthStreaming } from './sources';
import { Still } from './still';

/** `stopped`: by the person; `waiting`: for the network; `broken`: it cannot be played. */
export type Phase = 'empty' | 'paused' | 'stopped' | 'waiting' | 'playing' | 'broken';

/** Fetches the video anew, when its addresses have expired. */
export type Renew = (id: string) => Promise<Video>;

/** What became of opening a stream: `impossible` in this browser or without hls.js; `superseded` by another source. */
type Opening = 'open' | 'impossible' | 'superseded';

const MOST_REPAIRS = 2;
/** Seconds at hand beyond what is shown, with which other videos may have the network too. */
const HEALTHY = 4;
/** Seconds after which somebody is likely to stay. */
const STAYS = 2;
/** Seconds at hand, with which the same video may be loaded once more in finer pictures. */
const PLENTY = 8;
/** Seconds that must be loaded of a stream before it takes over. */
const LEAD = 2;

export class Player {
  readonly element = document.createElement('video');
  readonly phase = signal<Phase>('empty');
  /** A frame of this video is really on the screen. */
  readonly painted = signal(false);
  /** A frame was painted since this became the current video: pictures move. */
  readonly moved = signal(false);
  /** How often another rendition took over. */
  readonly changes = signal(0);
  /** Its beginning was at hand when it became the current video. */
  ahead = false;
  /** It has been the current video since it was shown here. */
  looked = false;
  /** Called when something was loaded or played, so that there may be room for other things. */
  onProgress: () => void = () => undefined;

  #video: Video | null = null;
  #opened = false;
  #stream: Stream | null = null;
  /** The stream that is being opened, while its script is on its way. */
  #opening: object | null = null;
  /** The stream of this video cannot be opened here: not to be tried at every stall. */
  #streamless = false;
  #still = new Still(this.element);
  #current = false;
  /** It prepares to take the place of another player; should that fail, nobody is the wiser. */
  #succeeding = false;
  #repairs = 0;
  /** Seconds from the beginning that were shown since this became the current video. */
  #reached = 0;

  constructor(private readonly renew: Renew) {
    const { element } = this;
    element.playsInline = true;
    element.loop = true;
    element.disablePictureInPicture = true;
    element.tabIndex = -1;
    element.setAttribute('aria-hidden', 'true');
    element.addEventListener('playing', () => this.#playing());
    element.addEventListener('waiting', () => this.#waiting());
    element.addEventListener('timeupdate', () => this.#progress());
    element.addEventListener('progress', () => this.#progress());
    element.addEventListener('error', () => void this.#repair());
    muted.subscribe((off) => {
      element.muted = off;
    });
  }

  get videoId(): string | null {
    return this.#video?.id ?? null;
  }

  /** Takes a seat for another video; nothing is loaded until `load` or `enter`. */
  show(video: Video): void {
    if (this.#video?.id === video.id && this.phase.value !== 'broken') {
      this.#video = video;
      return;
    }
    this.clear();
    this.#video = video;
    this.phase.value = 'paused';
  }

  /** Loads its beginning, so that its first frame is painted before anybody looks. */
  load(): void {
    if (!this.#video || this.#opened) return;
    this.element.preload = 'metadata';
    this.#open(this.#video, 0);
  }

  /** This is the video that the person looks at: play, or stay stopped where the person stopped it. */
  enter(): void {
    if (this.#current || !this.#video) return;
    this.#current = true;
    this.looked = true;
    this.ahead = this.element.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    this.#reached = 0;
    this.element.preload = 'auto';
    if (!this.#opened) this.#open(this.#video, 0);
    this.#stream?.goOn();
    this.play();
    this.#whenPainted(this.#video.id, () => {
      if (this.#current) this.moved.value = true;
      this.onProgress();
    });
  }

  /** The person went on: stop, load no more, and begin anew next time. */
  leave(): void {
    if (!this.#current) return;
    this.#current = false;
    this.moved.value = false;
    this.element.pause();
    this.element.preload = 'metadata';
    this.#stream?.hold();
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
    this.#opened = false;
    this.#streamless = false;
    this.#succeeding = false;
    this.#repairs = 0;
    this.looked = false;
    this.ahead = false;
    this.painted.value = false;
    this.moved.value = false;
    this.changes.value = 0;
    this.phase.value = 'empty';
    this.element.removeAttribute('src');
    this.element.load();
  }

  /** Is so much loaded that the network may serve others? */
  get healthy(): boolean {
    return this.#secondsAhead() >= HEALTHY || wholeLoaded(this.element);
  }

  /** Bytes of the MP4 that are loaded, by its average. */
  get loadedBytes(): number {
    return this.#bytesUntil(loadedUntil(this.element));
  }

  /** Bytes of the MP4 that were shown since this became the current video. */
  get watchedBytes(): number {
    return this.#bytesUntil(this.#reached);
  }

  /** Its stream has more to show on this screen than the MP4 that is playing, and the network is free for it. */
  get wantsMore(): boolean {
    const [video, start] = [this.#video, this.#start()];
    if (!video || !start || !this.#current || this.phase.value !== 'playing') return false;
    if (this.#hasStream || this.#streamless || dataSaver.peek()) return false;
    if (this.#reached < STAYS) return false;
    if (this.#secondsAhead() < PLENTY && !wholeLoaded(this.element)) return false;
    const stream = streamOf(video);
    return stream !== null && worthStreaming(start, stream, this.#screenShortEdge());
  }

  /**
   * Prepares the stream of the video that another player shows, beneath it, and takes its place where it stands once pictures move here
   * too; `ready` is called then. Answers false where the stream cannot be opened.
   */
  async succeed(other: Player, video: Video, ready: () => void): Promise<boolean> {
    this.show(video);
    this.#opened = true;
    this.#succeeding = true;
    this.element.muted = true;
    const opening = await this.#startStream(video, other.element.currentTime);
    if (opening === 'impossible' && other.videoId === video.id) other.#streamless = true;
    if (opening !== 'open') return opening !== 'impossible';
    const follow = () => {
      if (this.#video?.id !== video.id || other.videoId !== video.id) stop();
      else if (this.element.paused && holds(this.element, other.element.currentTime, LEAD)) {
        this.element.currentTime = other.element.currentTime;
        this.#whenPainted(video.id, () => {
          stop();
          if (other.videoId !== video.id) return;
          this.#takeOver(other);
          ready();
        });
        this.element.play().catch(stop);
      }
    };
    const stop = () => other.element.removeEventListener('timeupdate', follow);
    other.element.addEventListener('timeupdate', follow);
    return true;
  }

  #takeOver(other: Player): void {
    this.#succeeding = false;
    this.#current = true;
    this.looked = true;
    this.ahead = other.ahead;
    this.changes.value = other.changes.value + 1;
    this.#reached = other.#reached;
    this.element.muted = muted.peek();
    this.moved.value = true;
    this.phase.value = other.phase.value;
    if (this.phase.value !== 'playing') this.element.pause();
  }

  #open(video: Video, startAt: number): void {
    const start = this.#start();
    this.#opened = true;
    this.painted.value = false;
    if (start) {
      this.element.dataset.source = 'mp4';
      this.element.src = start.url;
      if (startAt > 0) this.element.currentTime = startAt;
      this.#whenPainted(video.id, () => this.#still.drop());
    } else void this.#openStream(video, startAt);
  }

  /** Calls back with the next frame of this video that is painted. */
  #whenPainted(id: string, then: () => void): void {
    const painted = () => {
      if (this.#video?.id !== id) return;
      this.painted.value = true;
      then();
    };
    // Where frames are not told (older Firefox), the first data are near enough.
    if ('requestVideoFrameCallback' in this.element)
      this.element.requestVideoFrameCallback(painted);
    else (this.element as HTMLElement).addEventListener('timeupdate', painted, { once: true });
  }

  #playing(): void {
    if (this.#current) this.phase.value = 'playing';
  }

  #waiting(): void {
    if (this.phase.value !== 'playing') return;
    this.phase.value = 'waiting';
    // The MP4 came too slowly: HLS has smaller pictures for such a network.
    const video = this.#video;
    const stuck = this.#current && !this.element.seeking && !wholeLoaded(this.element);
    const tried = this.#hasStream || this.#streamless;
    if (video && stuck && !tried && !dataSaver.peek() && streamOf(video)) {
      void this.#openStream(video, this.element.currentTime);
    }
  }

  #progress(): void {
    if (this.#current) this.#reached = Math.max(this.#reached, this.element.currentTime);
    this.onProgress();
  }

  /** Goes over to HLS in this very element, under a still of what it shows; where that is impossible, the MP4 goes on. */
  async #openStream(video: Video, startAt: number): Promise<void> {
    this.#still.take();
    const from = this.#start() ? this.element.currentTime : startAt;
    const opening = await this.#startStream(video, from);
    if (opening === 'superseded') return;
    if (opening === 'impossible') {
      this.#still.drop();
      if (!this.#start()) this.#broken();
      return;
    }
    this.changes.value++;
    this.#whenPainted(video.id, () => this.#still.drop());
    if (this.#current && this.phase.value !== 'stopped') this.play();
  }

  async #startStream(video: Video, startAt: number): Promise<Opening> {
    const opening = {};
    this.#opening = opening;
    const source = streamOf(video);
    const hls = source && (await imported('hls', () => import('./hls')).catch(() => null));
    if (this.#opening !== opening) return 'superseded';
    this.#opening = null;
    if (!source || !hls?.streams()) {
      this.#streamless = true;
      return 'impossible';
    }
    this.element.dataset.source = 'hls';
    this.#stream = hls.openStream(this.element, source.url, {
      startAt,
      estimate: measuredBandwidth() ?? 2 * (this.#start()?.bitrate ?? 0),
      onBroken: () => void this.#repair(),
      onChange: () => this.changes.value++,
    });
    return 'open';
  }

  get #hasStream(): boolean {
    return this.#stream !== null || this.#opening !== null;
  }

  #closeStream(): void {
    this.#opening = null;
    this.#stream?.close();
    this.#stream = null;
  }

  /** Something could not be loaded: fresh addresses, the plain MP4, and no more than twice. */
  async #repair(): Promise<void> {
    const video = this.#video;
    // Not by `src`: on iPhones hls.js puts a <source> in its place.
    if (!video || !this.#opened) return;
    if (this.#succeeding) {
      this.clear();
      return;
    }
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

  #start(): Source | null {
    return this.#video && startOf(this.#video, dataSaver.peek());
  }

  #bytesUntil(seconds: number): number {
    const start = this.#start();
    return start ? bytesUntil(start, seconds) : 0;
  }

  #secondsAhead(): number {
    return loadedUntil(this.element) - this.element.currentTime;
  }

  #screenShortEdge(): number {
    const { clientWidth, clientHeight } = this.element;
    return Math.min(clientWidth, clientHeight) * devicePixelRatio;
  }
}
