/** Every upload of this account that is under way, in this tab or kept from before. */
import { signal } from '@preact/signals';
import { me, onAccountDeleted } from '../accounts/session';
import type { Video, Visibility } from '../api/types';
import { freshKey } from '../kit/keys';
import { online } from '../kit/online';
import { onLive, openings } from '../live/live';
import type { VideoProgress } from '../live/messages';
import type { TrimRange } from '../trim/range';
import {
  type Cover,
  forgetAccount,
  forgetOthers,
  keepFile,
  keepUpload,
  keptUploads,
} from './shelf';
import { hearTabs, type UploadWord } from './tabs';
import { Upload } from './upload';

export interface Posting {
  file: File;
  picture: Blob | null;
  title: string;
  description: string;
  visibility: Visibility;
  /** The part that is posted; null for all of it. */
  trim: TrimRange | null;
  cover: Cover | null;
}

/** Newest first. */
export const uploads = signal<readonly Upload[]>([]);
/** The last video that became playable, for whoever shows one's own videos. */
export const lastPlayable = signal<Video | null>(null);

/** Goes on with what a reload interrupted, and listens to the server's progress. */
export function startUploads(): void {
  for (const name of ['video.progress', 'video.ready', 'video.failed'] as const)
    onLive(name, heard);
  // A new session, or the network again: whatever waited tries at once.
  openings.subscribe(() => uploads.value.forEach((upload) => upload.again()));
  online.subscribe((there) =>
    uploads.value.forEach((upload) => (there ? upload.again() : upload.offline())),
  );
  hearTabs(told);
  onAccountDeleted(forget);
  void goOn();
}

/** Takes a video on: keeps it, shows its card, sends it. */
export async function post({ file, ...words }: Posting): Promise<void> {
  const account = me.value;
  if (!account) return;
  const { name, type, size, lastModified } = file;
  const kept = {
    ...words,
    key: freshKey(),
    account: account.id,
    name,
    type,
    size,
    lastModified,
    uploadUrl: null,
    videoId: null,
    createdAt: Date.now(),
  };
  const upload = new Upload(kept, events, file);
  uploads.value = [upload, ...uploads.value];
  // Without a shelf (a private window) it works all the same, only not after a reload.
  await keepUpload(kept).catch(() => (upload.copy.isShelved = false));
  // Beside the sending: half a gigabyte takes a while to be put away.
  void keepFile(kept.key, file).catch(() => undefined);
  void upload.run();
}

export async function dismiss(upload: Upload): Promise<void> {
  drop(upload);
  await upload.cancel().catch(() => undefined);
}

/** Its author deletes a video: nobody asks any more how far it is. */
export async function dismissVideo(id: string): Promise<void> {
  await Promise.all(uploads.value.filter(({ videoId }) => videoId === id).map(dismiss));
}

async function goOn(): Promise<void> {
  const account = me.value;
  if (!account) return;
  void forgetOthers(account.id, Date.now()).catch(() => undefined);
  const kept = await keptUploads(account.id).catch(() => []);
  const resumed = kept.reverse().map((one) => new Upload(one, events));
  uploads.value = [...uploads.value, ...resumed];
  for (const upload of resumed) void upload.run();
}

/** The account is no more: nothing of it goes on, or stays on this machine. */
async function forget(account: string): Promise<void> {
  for (const upload of uploads.value) upload.stop();
  uploads.value = [];
  await forgetAccount(account);
}

function heard(progress: VideoProgress): void {
  for (const upload of uploads.value) upload.heard(progress);
}

function told(word: UploadWord): void {
  uploads.value.find(({ key }) => key === word.key)?.told(word);
}

function drop(upload: Upload): void {
  uploads.value = uploads.value.filter((other) => other !== upload);
}

const events = { onPlayable: (video: Video) => (lastPlayable.value = video), onGone: drop };
