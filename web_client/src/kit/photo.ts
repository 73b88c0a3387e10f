/** Pictures that people send, made small enough for the server: photos of phones are several megabytes. */

/** What the server takes. */
const TYPES: readonly string[] = ['image/jpeg', 'image/png', 'image/webp'];
/** Larger files, and of other types whatever this browser can show, are drawn anew. */
const SENT_AS_IT_IS_BYTES = 400_000;
const QUALITY = 0.9;

/** This browser cannot show the file. */
export class NoPicture extends Error {}

/**
 * The picture as it is, or drawn anew so that no edge is longer than `edge` pixels.
 *
 * Throws NoPicture.
 */
export async function fitting(file: Blob, edge: number): Promise<Blob> {
  if (TYPES.includes(file.type) && file.size <= SENT_AS_IT_IS_BYTES) return file;
  const picture = await createImageBitmap(file).catch(() => {
    throw new NoPicture('this browser cannot show it');
  });
  try {
    return await drawn(picture, within(picture.width, picture.height, edge));
  } finally {
    picture.close();
  }
}

/** Width and height within a square of `edge`, in the same shape, never enlarged. */
export function within(width: number, height: number, edge: number): [number, number] {
  const scale = Math.min(1, edge / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/**
 * What is on the screen there now, as a JPEG of that size.
 *
 * Throws NoPicture where there is nothing to draw on.
 */
export function drawn(source: CanvasImageSource, [width, height]: [number, number]): Promise<Blob> {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  const pen = canvas.getContext('2d');
  if (!pen) throw new NoPicture('there is nothing to draw on');
  pen.fillStyle = '#fff'; // behind what is transparent
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(source, 0, 0, width, height);
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) =>
      blob ? resolve(blob) : reject(new NoPicture('it cannot be written'));
    canvas.toBlob(done, 'image/jpeg', QUALITY);
  });
}
