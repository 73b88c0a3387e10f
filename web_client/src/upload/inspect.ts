/** Looks into a picked file: how long it is, and a small picture of it. */
import { drawn, within } from '../kit/photo';
import { durationOf, goTo, withVideo } from '../trim/moving';

export interface Inspection {
  durationMs: number | null;
  /** Null where the browser shows none of it, though it may know how long it is: a phone's HEVC without a decoder. */
  picture: Blob | null;
}

/** Of the picture on the card, in pixels. */
const PICTURE_EDGE = 320;
const LOOKED_AT_MS = 1_000;

/** What the browser can tell; nulls for what it cannot play. */
export async function inspect(file: Blob): Promise<Inspection> {
  try {
    return await withVideo(file, async (video) => {
      const durationMs = await durationOf(video);
      const seen = video.videoWidth > 0;
      return { durationMs, picture: seen ? await pictureOf(video, 0, durationMs ?? 0) : null };
    });
  } catch {
    return { durationMs: null, picture: null };
  }
}

/** A small picture of the file at that moment; null where there is none to have. */
export async function pictureAt(file: Blob, atMs: number): Promise<Blob | null> {
  return withVideo(file, (video) => pictureOf(video, atMs, 0)).catch(() => null);
}

/** A second after the beginning, in what is long enough: many clips begin in the dark. */
async function pictureOf(video: HTMLVideoElement, fromMs: number, lastsMs: number): Promise<Blob> {
  await goTo(video, fromMs + Math.min(LOOKED_AT_MS, lastsMs / 3));
  return drawn(video, within(video.videoWidth, video.videoHeight, PICTURE_EDGE));
}
