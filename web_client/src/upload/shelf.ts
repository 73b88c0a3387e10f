/** Uploads on the browser's own shelf (IndexedDB): they survive a reload, the file included where there is room. */
import type { Visibility } from '../api/types';

export interface KeptUpload {
  key: string;
  /** Whose it is: another account on this machine never goes on with it. */
  account: string;
  /** Null where the browser had no room for it: the person picks it again. */
  file: Blob | null;
  name: string;
  type: string;
  size: number;
  lastModified: number;
  title: string;
  description: string;
  visibility: Visibility;
  /** A small picture of it for the card. */
  picture: Blob | null;
  /** Where the server keeps the unfinished upload. */
  uploadUrl: string | null;
  /** The video it became. */
  videoId: string | null;
  createdAt: number;
}

const DATABASE = 'reelwire';
const STORE = 'uploads';

let opening: Promise<IDBDatabase> | null = null;

export async function keepUpload(upload: KeptUpload): Promise<void> {
  await run('readwrite', (store) => store.put(upload));
}

/** Keeps it with its file if there is room for that, else without. */
export async function keepWithFile(upload: KeptUpload): Promise<void> {
  try {
    await keepUpload(upload);
  } catch {
    await keepUpload({ ...upload, file: null });
  }
}

export async function keptUpload(key: string): Promise<KeptUpload | undefined> {
  return run<KeptUpload | undefined>(
    'readonly',
    (store) => store.get(key) as IDBRequest<KeptUpload | undefined>,
  );
}

/** Oldest first. */
export async function keptUploads(account: string): Promise<KeptUpload[]> {
  const all = await run('readonly', (store) => store.getAll() as IDBRequest<KeptUpload[]>);
  return all
    .filter((upload) => upload.account === account)
    .sort((a, b) => a.createdAt - b.createdAt);
}

export async function forgetUpload(key: string): Promise<void> {
  await run('readwrite', (store) => store.delete(key));
}

async function run<Answer>(
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<Answer>,
): Promise<Answer> {
  const database = await (opening ??= open());
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const request = ask(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () =>
      reject(transaction.error ?? new Error('the shelf is shut'));
  });
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'key' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no shelf here'));
  });
}
