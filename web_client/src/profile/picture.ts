/** One's own picture: made small enough to send, shown, taken away. */
import { accountChanged, me } from '../accounts/session';
import { call } from '../api/call';
import { explain } from '../api/explain';
import { Problem } from '../api/problem';
import type { Account } from '../api/types';
import { keepUser } from '../follows/store';

/** What the server takes. */
const TYPES: readonly string[] = ['image/jpeg', 'image/png', 'image/webp'];
/** Larger files, and of other types whatever this browser can show, are drawn anew: photos of phones are several megabytes. */
const SENT_AS_IT_IS_BYTES = 400_000;
const DRAWN_EDGE = 1024;
const DRAWN_QUALITY = 0.9;

/** This browser cannot show the file. */
export class NoPicture extends Error {}

/** Sends a picture, and shows it on this page as soon as the server does. */
export async function changePicture(file: Blob): Promise<void> {
  const body = await fitting(file);
  // The same bytes again wait for the work that is under way.
  took(await call('PUT', '/me/avatar', { body, repeatable: true }));
}

export async function removePicture(): Promise<void> {
  await call('DELETE', '/me/avatar');
  if (me.value) took({ ...me.value, avatar_url: null });
}

/** What went wrong with a picture, and what to do. */
export function explainPicture(error: unknown): string {
  if (error instanceof NoPicture || (error instanceof Problem && error.fields.file !== undefined))
    return 'This file cannot be shown. Choose a still picture: JPEG, PNG or WebP.';
  if (error instanceof Problem && error.code === 'quota_exceeded')
    return 'You have changed it very often. Try again in an hour.';
  return explain(error);
}

/** Width and height within a square of `edge`, in the same shape, never enlarged. */
export function within(width: number, height: number, edge: number): [number, number] {
  const scale = Math.min(1, edge / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

async function fitting(file: Blob): Promise<Blob> {
  if (TYPES.includes(file.type) && file.size <= SENT_AS_IT_IS_BYTES) return file;
  const picture = await createImageBitmap(file).catch(() => {
    throw new NoPicture('this browser cannot show it');
  });
  try {
    return await drawn(picture);
  } finally {
    picture.close();
  }
}

async function drawn(picture: ImageBitmap): Promise<Blob> {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = within(picture.width, picture.height, DRAWN_EDGE);
  const pen = canvas.getContext('2d');
  if (!pen) throw new NoPicture('there is nothing to draw on');
  pen.fillStyle = '#fff'; // behind what is transparent
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) =>
      blob ? resolve(blob) : reject(new NoPicture('it cannot be written'));
    canvas.toBlob(done, 'image/jpeg', DRAWN_QUALITY);
  });
}

function took(account: Account): void {
  accountChanged(account);
  keepUser(account);
}
