/** Pictures of a file at even distances, drawn side by side; none of it is on the way of anything else. */
import { goTo, withVideo } from './moving';

export interface Cut {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** So many pictures make the strip. */
export const FRAMES = 9;

/** Draws the strip from the left; it stays as far as it got when the signal is given or the file cannot be shown. */
export async function drawFrames(
  file: Blob,
  canvas: HTMLCanvasElement,
  durationMs: number,
  signal: AbortSignal,
): Promise<void> {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const width = canvas.width / FRAMES;
  await withVideo(file, async (video) => {
    const cut = covering(video.videoWidth, video.videoHeight, width, canvas.height);
    for (let nth = 0; nth < FRAMES && !signal.aborted; nth++) {
      await goTo(video, momentOf(nth, durationMs));
      const { x, y } = cut;
      pen.drawImage(video, x, y, cut.width, cut.height, nth * width, 0, width, canvas.height);
    }
  }).catch(() => undefined);
}

/** The middle of the piece of time that a picture stands for. */
export function momentOf(nth: number, durationMs: number): number {
  return ((nth + 0.5) * durationMs) / FRAMES;
}

/** The middle of a picture, in the shape of a field that it is to fill. */
export function covering(
  width: number,
  height: number,
  fieldWidth: number,
  fieldHeight: number,
): Cut {
  const scale = Math.max(fieldWidth / width, fieldHeight / height);
  const [w, h] = [fieldWidth / scale, fieldHeight / scale];
  return { x: (width - w) / 2, y: (height - h) / 2, width: w, height: h };
}
