/** Looks into a picked file: how long it is, and a small picture of it. */

export interface Inspection {
  durationMs: number | null;
  picture: Blob | null;
}

const READ_WITHIN_MS = 6_000;
const PICTURE_WIDTH = 180;

/** What the browser can tell; nulls for what it cannot play. */
export async function inspect(file: File): Promise<Inspection> {
  const url = URL.createObjectURL(file);
  const video = document.createElement('video');
  video.muted = true;
  video.preload = 'auto';
  try {
    video.src = url;
    await heard(video, 'loadeddata');
    const durationMs = Number.isFinite(video.duration) ? video.duration * 1000 : null;
    return { durationMs, picture: await pictureOf(video) };
  } catch {
    return { durationMs: null, picture: null };
  } finally {
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(url);
  }
}

async function pictureOf(video: HTMLVideoElement): Promise<Blob | null> {
  if (video.duration > 1) {
    video.currentTime = Math.min(1, video.duration / 3);
    await heard(video, 'seeked');
  }
  const canvas = document.createElement('canvas');
  canvas.width = PICTURE_WIDTH;
  canvas.height = Math.round((PICTURE_WIDTH * video.videoHeight) / Math.max(1, video.videoWidth));
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.8));
}

function heard(video: HTMLVideoElement, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`no ${event}`)), READ_WITHIN_MS);
    const done = (end: () => void) => () => {
      clearTimeout(limit);
      end();
    };
    const failed = done(() => reject(new Error('not playable here')));
    video.addEventListener(event, done(resolve), { once: true });
    video.addEventListener('error', failed, { once: true });
  });
}
