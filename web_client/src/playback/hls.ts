/** The adaptive player, a chunk of its own: loaded when the first MP4 is already playing. */
import { keepBandwidth } from './bandwidth';
import Hls, { ErrorTypes, Events, type HlsConfig } from 'hls.js';

const CONFIG: Partial<HlsConfig> = {
  // fMP4 needs no transmuxing, and a worker would need blob: in the page's policy.
  enableWorker: false,
  // A short video: little ahead, everything behind, so that it loops from memory.
  maxBufferLength: 12,
  backBufferLength: 200,
  capLevelToPlayerSize: true,
  // What was loaded in coarser pictures goes once there are finer ones, so that the next round is fine from its start.
  loopBackBufferFlush: true,
  fragLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 8_000,
      maxLoadTimeMs: 60_000,
      timeoutRetry: { maxNumRetry: 4, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: { maxNumRetry: 6, retryDelayMs: 500, maxRetryDelayMs: 8_000 },
    },
  },
};

export interface Stream {
  /** Loads nothing more while nobody looks. */
  hold: () => void;
  goOn: () => void;
  close: () => void;
}

/** Can this browser play HLS through MediaSource? (Chromium says "maybe" to the type itself, so that is no answer.) */
export function streams(): boolean {
  return Hls.isSupported();
}

export interface StreamOptions {
  /** Seconds. */
  startAt: number;
  /** Bits a second that the network is believed to have; 0 where nothing is known. */
  estimate: number;
  /** Called once when it cannot go on. */
  onBroken: () => void;
  /** Called when another rendition than the first is on the screen. */
  onChange: () => void;
}

/** Plays `url` in `video`. */
export function openStream(
  video: HTMLVideoElement,
  url: string,
  { startAt, estimate, onBroken, onChange }: StreamOptions,
): Stream {
  const hls = new Hls({
    ...CONFIG,
    startPosition: startAt,
    ...(estimate > 0 ? { abrEwmaDefaultEstimate: estimate } : {}),
  });
  let [mediaErrors, levels] = [0, 0];
  hls.on(Events.FRAG_LOADED, () => keepBandwidth(hls.bandwidthEstimate));
  hls.on(Events.LEVEL_SWITCHED, () => {
    if (levels++ > 0) onChange();
  });
  hls.on(Events.ERROR, (_, { fatal, type }) => {
    if (!fatal) return;
    if (type === ErrorTypes.MEDIA_ERROR && mediaErrors++ === 0) hls.recoverMediaError();
    else onBroken();
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    hold: () => hls.stopLoad(),
    goOn: () => hls.startLoad(),
    close: () => hls.destroy(),
  };
}
