/** As much of a browser as players need, without one. */
import { vi } from 'vitest';
import type { Source, Video } from '../../src/api/types';

/** A media element that loads nothing by itself. */
export class FakeVideo extends EventTarget {
  readonly dataset: Record<string, string> = {};
  readonly attributes = new Set<string>();
  readonly parentElement = {};
  readonly stills: unknown[] = [];
  readonly videoWidth = 360;
  readyState = 0;
  currentTime = 0;
  duration = 60;
  muted = false;
  paused = true;
  seeking = false;
  clientWidth = 1080;
  clientHeight = 1920;
  /** Seconds from the beginning that are loaded. */
  loaded = 0;

  get buffered() {
    const { loaded } = this;
    return { length: loaded > 0 ? 1 : 0, start: () => 0, end: () => loaded };
  }

  set src(_: string) {
    this.attributes.add('src');
  }

  setAttribute(name: string): void {
    this.attributes.add(name);
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  hasAttribute(name: string): boolean {
    return this.attributes.has(name);
  }

  play(): Promise<void> {
    this.paused = false;
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
  }

  load(): void {
    this.currentTime = 0;
  }

  after(still: unknown): void {
    this.stills.push(still);
  }

  remove(): void {
    // It is nowhere.
  }

  requestVideoFrameCallback(): void {
    // No frame is painted.
  }

  /** It happens, as the browser would say it. */
  tell(...names: string[]): void {
    for (const name of names) this.dispatchEvent(new Event(name));
  }
}

/** A page in which players find what they need as they are loaded. */
export function stubScreen(): void {
  vi.stubGlobal('document', {
    visibilityState: 'visible',
    addEventListener: () => undefined,
    createElement: (name: string) => (name === 'video' ? new FakeVideo() : new FakeStill()),
  });
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('HTMLMediaElement', { HAVE_CURRENT_DATA: 2 });
  vi.stubGlobal('devicePixelRatio', 1);
}

class FakeStill {
  static shown = new Set<FakeStill>();
  constructor() {
    FakeStill.shown.add(this);
  }
  getContext(): null {
    return null;
  }
  remove(): void {
    FakeStill.shown.delete(this);
  }
}

/** How many stills lie over a video. */
export function stills(): number {
  return FakeStill.shown.size;
}

function source(type: string, short: number): Source {
  return {
    type,
    url: `/media/${short}`,
    width: short,
    height: (short * 16) / 9,
    bitrate: 1_000_000,
    bytes: 9_000_000,
    expires_at: null,
  };
}

export const MP4 = source('video/mp4', 360);
export const HLS = source('application/vnd.apple.mpegurl', 1080);

export function video(id: string, ...sources: Source[]): Video {
  return { id, status: 'ready', sources } as unknown as Video;
}
