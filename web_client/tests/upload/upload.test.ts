import { beforeEach, expect, test, vi } from 'vitest';
import {
  changeUpload,
  keepFile,
  keepUpload,
  type KeptUpload,
  keptUpload,
} from '../../src/upload/shelf';
import { Upload } from '../../src/upload/upload';
import { indexedDatabase, locks } from './browser';

vi.stubGlobal('indexedDB', indexedDatabase());

let uploads = 0;
let kept: KeptUpload;
let shared: ReturnType<typeof locks>;

beforeEach(async () => {
  shared = locks();
  vi.stubGlobal('navigator', { locks: shared, onLine: true });
  kept = {
    key: `upload-${++uploads}`,
    account: 'a',
    name: 'a.mp4',
    type: 'video/mp4',
    size: 3,
    lastModified: 0,
    title: '',
    description: '',
    visibility: 'public',
    picture: null,
    uploadUrl: null,
    videoId: null,
    createdAt: 0,
  };
  await keepUpload(kept);
  await keepFile(kept.key, new Blob(['abc']));
});

const tab = () => new Upload(kept, { onPlayable: () => undefined, onGone: () => undefined });

/** Another tab that sends it; it stops once it is told to. */
function otherTab(): () => Promise<void> {
  let stop: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (stop = resolve));
  const { signal } = new AbortController();
  const over = shared.request(`reelwire.upload.${kept.key}`, { signal }, () => told);
  return () => {
    stop();
    return over;
  };
}

test('a pause in another tab is one here: it does not send on when its turn comes', async () => {
  const stop = otherTab();
  const upload = tab();
  const running = upload.run();
  await changeUpload(kept.key, { pausedAt: 2, uploadUrl: '/uploads/1' });
  await stop();
  await running;
  expect(upload.step.value).toEqual({ name: 'paused', sent: 2 });
  expect(await keptUpload(kept.key)).toMatchObject({ pausedAt: 2, uploadUrl: '/uploads/1' });
});

test('a pause while it waits for its turn ends the waiting', async () => {
  const stop = otherTab();
  const upload = tab();
  const running = upload.run();
  upload.hold();
  await running;
  expect(upload.step.value).toEqual({ name: 'paused', sent: 0 });
  await stop();
  expect(upload.step.value).toEqual({ name: 'paused', sent: 0 });
});

test('a pause while the shelf is asked is no less a pause', async () => {
  const upload = tab();
  const running = upload.run();
  await Promise.resolve();
  upload.hold();
  await running;
  expect(upload.step.value).toEqual({ name: 'paused', sent: 0 });
  expect(await keptUpload(kept.key)).toMatchObject({ pausedAt: 0 });
});

test('what another tab has written stays when this one pauses', async () => {
  const upload = tab();
  await changeUpload(kept.key, { uploadUrl: '/uploads/1' });
  upload.hold();
  await upload.run();
  expect(await keptUpload(kept.key)).toMatchObject({ pausedAt: 0, uploadUrl: '/uploads/1' });
});

test('offline while it waits for its turn is told, and no failure', async () => {
  const stop = otherTab();
  const upload = tab();
  const running = upload.run();
  vi.stubGlobal('navigator', { locks: shared, onLine: false });
  upload.offline();
  await running;
  expect(upload.step.value).toEqual({ name: 'offline' });
  await stop();
});
