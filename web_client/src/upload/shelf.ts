/** Uploads on the browser's own shelf (IndexedDB): they survive a reload, the file included where there is room. */
import type { Visibility } from '../api/types';
import type { TrimRange } from '../trim/range';

/** What the author chose to be shown before the video plays: a moment of it, in milliseconds, or a picture of their own. */
export type Cover = { at_ms: number } | { picture: Blob };

/** The name, the type and the size are those of the file that was picked. */
export interface KeptUpload {
  key: string;
  /** Whose it is: another account on this machine never goes on with it. */
  account: string;
  name: string;
  type: string;
  size: number;
  lastModified: number;
  title: string;
  description: string;
  visibility: Visibility;
  /** A small picture of it for the card. */
  picture: Blob | null;
  /** The part of the file that is posted; nothing where all of it is. */
  trim?: TrimRange | null;
  /** That part, once it was cut out: then it lies on the shelf instead of the file. */
  cut?: { size: number; type: string } | null;
  /** Until the server has it. A moment is one of the part that is posted. */
  cover?: Cover | null;
  /** Since the person wants it so: how many bytes had arrived by then. */
  pausedAt?: number | null;
  /** Where the server keeps the unfinished upload. */
  uploadUrl: string | null;
  /** The video it became. */
  videoId: string | null;
  createdAt: number;
}

const DATABASE = 'reelwire';
const UPLOADS = 'uploads';
/** The files lie apart: what is said of an upload changes often, its bytes never. */
const FILES = 'files';

let opening: Promise<IDBDatabase> | null = null;

/** How long an upload of another account is kept: as long as the server by itself keeps an unfinished one. */
export const OTHERS_KEPT_MS = 24 * 60 * 60 * 1_000;

export async function keepUpload(upload: KeptUpload): Promise<void> {
  await run(UPLOADS, 'readwrite', (store) => store.put(upload));
}

/** Changes these words about it and leaves those that another tab has written; nothing where it was forgotten meanwhile. */
export async function changeUpload(key: string, change: Partial<KeptUpload>): Promise<void> {
  await run(UPLOADS, 'readwrite', (store) => {
    const asked = store.get(key) as IDBRequest<KeptUpload | undefined>;
    asked.onsuccess = () => asked.result && store.put({ ...asked.result, ...change });
    return asked;
  });
}

/** Keeps the bytes; rejects where the browser has no room for them. */
export async function keepFile(key: string, file: Blob): Promise<void> {
  await run(FILES, 'readwrite', (store) => store.put(file, key));
}

export async function keptUpload(key: string): Promise<KeptUpload | undefined> {
  return run(UPLOADS, 'readonly', (store) => store.get(key) as IDBRequest<KeptUpload | undefined>);
}

/** The bytes; undefined where there was no room for them. */
export async function keptFile(key: string): Promise<Blob | undefined> {
  return run(FILES, 'readonly', (store) => store.get(key) as IDBRequest<Blob | undefined>);
}

/** Oldest first. */
export async function keptUploads(account: string): Promise<KeptUpload[]> {
  const all = await run(UPLOADS, 'readonly', (store) => store.getAll() as IDBRequest<KeptUpload[]>);
  return all
    .filter((upload) => upload.account === account)
    .sort((a, b) => a.createdAt - b.createdAt);
}

/** The bytes have arrived and are not needed here any more. */
export async function forgetFile(key: string): Promise<void> {
  await run(FILES, 'readwrite', (store) => store.delete(key));
}

export async function forgetUpload(key: string): Promise<void> {
  await run(UPLOADS, 'readwrite', (store) => store.delete(key));
  await forgetFile(key);
}

/** Everything of this account: it is no more. */
export async function forgetAccount(account: string): Promise<void> {
  await forgetWhere((upload) => upload.account === account);
}

/** What others left here who have not come back: of an upload of one's own only its author says that it is over. */
export async function forgetOthers(account: string, now: number): Promise<void> {
  await forgetWhere(
    (upload) => upload.account !== account && upload.createdAt < now - OTHERS_KEPT_MS,
  );
}

async function forgetWhere(isOver: (upload: KeptUpload) => boolean): Promise<void> {
  const all = await run(UPLOADS, 'readonly', (store) => store.getAll() as IDBRequest<KeptUpload[]>);
  await Promise.all(all.filter(isOver).map(({ key }) => forgetUpload(key)));
}

async function run<Answer>(
  name: string,
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<Answer>,
): Promise<Answer> {
  const database = await (opening ??= open());
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(name, mode);
    const request = ask(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () =>
      reject(transaction.error ?? new Error('the shelf is shut'));
  });
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(UPLOADS, { keyPath: 'key' });
      request.result.createObjectStore(FILES);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no shelf here'));
  });
}
