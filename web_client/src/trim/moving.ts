/** A picked file as a video of our own, beside what is on the screen: read it, go to a moment, let go of it. */

const WITHIN_MS = 6_000;

/** Resolves with that event; rejects where it does not come soon, or where this browser cannot play the file. */
export function heard(video: HTMLVideoElement, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const ears = new AbortController();
    const limit = setTimeout(() => end(() => reject(new Error(`no ${event}`))), WITHIN_MS);
    const end = (act: () => void) => {
      clearTimeout(limit);
      ears.abort();
      act();
    };
    const { signal } = ears;
    video.addEventListener(event, () => end(resolve), { signal });
    video.addEventListener('error', () => end(() => reject(new Error('not playable here'))), {
      signal,
    });
  });
}

/** Does something with the file as a video that has its first picture; rejects where this browser cannot play it. */
export async function withVideo<Answer>(
  file: Blob,
  act: (video: HTMLVideoElement) => Promise<Answer>,
): Promise<Answer> {
  const url = URL.createObjectURL(file);
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.preload = 'auto';
  try {
    video.src = url;
    await heard(video, 'loadeddata');
    return await act(video);
  } finally {
    // First let go, then revoke: it would go on asking for it.
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(url);
  }
}

/** Shows the picture of that moment, in milliseconds. */
export async function goTo(video: HTMLVideoElement, atMs: number): Promise<void> {
  const seconds = Math.max(0, Math.min(atMs / 1000, video.duration));
  if (Math.abs(video.currentTime - seconds) < 0.001) return;
  const arrived = heard(video, 'seeked');
  video.currentTime = seconds;
  await arrived;
}

/** Beyond the end of anything. */
const FAR_SECONDS = 1e7;

/**
 * How long it is, in milliseconds; null where that cannot be found out.
 *
 * What a browser recorded does not say how long it is: it is known once the end was looked for.
 */
export async function durationOf(video: HTMLVideoElement): Promise<number | null> {
  if (video.duration === Infinity) {
    const arrived = heard(video, 'seeked');
    video.currentTime = FAR_SECONDS;
    await arrived;
    const seconds = Number.isFinite(video.duration) ? video.duration : video.currentTime;
    await goTo(video, 0);
    return seconds > 0 ? Math.round(seconds * 1000) : null;
  }
  return Number.isFinite(video.duration) ? Math.round(video.duration * 1000) : null;
}
