/** The adaptive player, a chunk of its own: loaded when the first MP4 is already playing. */
import { keepBandwidth, measuredBandwidth } from './bandwidth';
import Hls, { ErrorTypes, Events, type HlsConfig } from 'hls.js';

const CONFIG: Partial<HlsConfig> = {
  // fMP4 needs no transmuxing, and a worker would need blob: in the page's policy.
  enableWorker: false,
  // A short video: little ahead, everything behind, so that it loops from memory.
  maxBufferLength: 12,
  backBufferLength: 200,
  capLevelToPlayerSize: true,
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
  close: () => void;
}

/** Can this browser play HLS through MediaSource? (Chromium says "maybe" to the type itself, so that is no answer.) */
export function streams(): boolean {
  return Hls.isSupported();
}

/** Plays `url` in `video` from `startAt` seconds; `onBroken` is called once when it cannot go on. */
export function openStream(
  video: HTMLVideoElement,
  url: string,
  startAt: number,
  onBroken: () => void,
): Stream {
  // What the last video measured: this one starts at the right level.
  const estimate = measuredBandwidth();
  const hls = new Hls({
    ...CONFIG,
    startPosition: startAt,
    ...(estimate ? { abrEwmaDefaultEstimate: estimate } : {}),
  });
  let mediaErrors = 0;
  hls.on(Events.FRAG_LOADED, () => keepBandwidth(hls.bandwidthEstimate));
  hls.on(Events.ERROR, (_, { fatal, type }) => {
    if (!fatal) return;
    if (type === ErrorTypes.MEDIA_ERROR && mediaErrors++ === 0) hls.recoverMediaError();
    else onBroken();
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return { close: () => hls.destroy() };
}
