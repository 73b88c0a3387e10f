/** Two tabs of one browser with the same upload: one shelf, one lock, one channel, one server. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Upload } from '../../src/upload/upload';
import type { KeptUpload } from '../../src/upload/shelf';
import { channels, indexedDatabase, locks } from './browser';
import { emptyServer, type Server } from './tus';

const server = vi.hoisted(() => ({}) as Server);

vi.mock('tus-js-client', async () => (await import('./tus')).tusOf(server));
vi.mock('../../src/accounts/tokens', () => ({ accessToken: () => Promise.resolve(null) }));
vi.mock('../../src/videos/store', () => ({
  fetchVideo: (id: string) => Promise.resolve({ id, status: 'processing', progress: 0.5 }),
}));

interface Tab {
  upload: Upload;
  isGone: boolean;
  shelf: typeof import('../../src/upload/shelf');
}

const KEPT: KeptUpload = {
  key: 'upload-1',
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
const PROCESSING = { name: 'processing', progress: 0.5 };
const tabs: Tab[] = [];

beforeEach(() => {
  Object.assign(server, emptyServer());
  vi.stubGlobal('indexedDB', indexedDatabase());
  vi.stubGlobal('navigator', { locks: locks(), onLine: true });
  vi.stubGlobal('location', { origin: 'http://x' });
  vi.stubGlobal('BroadcastChannel', channels());
});

afterEach(() => {
  for (const { upload } of tabs.splice(0)) upload.stop();
  vi.unstubAllGlobals();
});

/** The first one takes the upload on, others find it on the shelf; each has its own copy of the application. */
async function open(): Promise<Tab> {
  vi.resetModules();
  const shelf = await import('../../src/upload/shelf');
  const { Upload } = await import('../../src/upload/upload');
  const { hearTabs } = await import('../../src/upload/tabs');
  if (tabs.length === 0) {
    await shelf.keepUpload(KEPT);
    await shelf.keepFile(KEPT.key, new Blob(['abc']));
  }
  const kept = (await shelf.keptUpload(KEPT.key)) ?? KEPT;
  const onGone = () => void (tab.isGone = true);
  const upload = new Upload(kept, { onPlayable: () => undefined, onGone });
  const tab: Tab = { upload, isGone: false, shelf };
  hearTabs((word) => upload.told(word));
  tabs.push(tab);
  void upload.run();
  return tab;
}

async function shows({ upload }: Tab, step: object): Promise<void> {
  await vi.waitFor(() => expect(upload.step.value).toMatchObject(step));
}

/** The first sends, and so many bytes have arrived; the second waits. */
async function sending(bytes = 2): Promise<[Tab, Tab]> {
  server.offset = bytes;
  const first = await open();
  await shows(first, { name: 'sending', sent: bytes });
  return [first, await open()];
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('a tab that waits shows how far the other is', async () => {
  const [, second] = await sending();
  await shows(second, { name: 'sending', sent: 2 });
});

test('what is cancelled in one tab ends in the other, and on the server', async () => {
  const [first, second] = await sending();
  await second.upload.cancel();
  await vi.waitFor(() => expect(first.isGone).toBe(true));
  server.answer(409);
  await settled();
  expect(server).toMatchObject({ begun: ['/uploads/1'], ended: ['/uploads/1'] });
  expect(await first.shelf.keptUpload(KEPT.key)).toBeUndefined();
});

test('without a channel the tab that sends learns of it when the server refuses', async () => {
  vi.stubGlobal('BroadcastChannel', undefined);
  const [first, second] = await sending();
  expect(second.upload.step.value).toEqual({ name: 'starting' });
  await second.upload.cancel();
  expect(first.isGone).toBe(false);
  server.answer(409);
  await vi.waitFor(() => expect(first.isGone).toBe(true));
  await settled();
  expect(server.begun).toEqual(['/uploads/1']);
});

test.each([404, 410])('after a %i alone it is begun anew', async (status) => {
  const [first] = await sending();
  server.gone.add('/uploads/1');
  server.answer(status);
  await vi.waitFor(() => expect(server.begun).toEqual(['/uploads/1', '/uploads/2']));
  await settled();
  server.answer(204);
  await shows(first, PROCESSING);
  expect(await first.shelf.keptUpload(KEPT.key)).toMatchObject({ uploadUrl: '/uploads/2' });
});

test('a server that forgets again and again is no reason to begin for ever', async () => {
  const [first] = await sending();
  server.answer(410);
  await vi.waitFor(() => expect(server.begun).toHaveLength(2));
  await settled();
  server.answer(410);
  await shows(first, { name: 'stuck' });
});

test('nothing is begun that was forgotten while the server was in trouble', async () => {
  server.creating = 503;
  const first = await open();
  await shows(first, { name: 'waiting' });
  await first.shelf.forgetUpload(KEPT.key);
  server.creating = 201;
  await vi.waitFor(() => expect(first.isGone).toBe(true));
  expect(server.begun).toEqual([]);
});

test('nor what was told to wait meanwhile by a tab that could not say so', async () => {
  server.creating = 503;
  const first = await open();
  await shows(first, { name: 'waiting' });
  await first.shelf.changeUpload(KEPT.key, { pausedAt: 0 });
  server.creating = 201;
  await shows(first, { name: 'paused' });
  expect(server.begun).toEqual([]);
});

test('what never was on the shelf is sent all the same', async () => {
  const first = await open();
  first.upload.stop();
  await first.shelf.forgetUpload(KEPT.key);
  const { Upload } = await import('../../src/upload/upload');
  const events = { onPlayable: () => undefined, onGone: () => expect.fail('it is wanted') };
  const upload = new Upload({ ...KEPT, key: 'upload-2' }, events, new Blob(['abc']));
  upload.copy.isShelved = false;
  void upload.run();
  await vi.waitFor(() => expect(upload.step.value.name).toBe('sending'));
  server.answer(204);
  await vi.waitFor(() => expect(upload.step.value).toEqual(PROCESSING));
  upload.stop();
});

test.each([0, 1])(
  'a pause in the second tab is one in both; tab %i resumes it',
  async (resuming) => {
    const both = await sending();
    const [first, second] = both;
    await shows(second, { name: 'sending' });
    second.upload.hold();
    await shows(first, { name: 'paused', sent: 2 });
    await shows(second, { name: 'paused', sent: 2 });
    await settled();
    expect(await first.shelf.keptUpload(KEPT.key)).toMatchObject({ pausedAt: 2 });

    both[resuming]?.upload.goOn();
    await shows(first, { name: 'sending' });
    await shows(second, { name: 'sending' });
    server.answer(204);
    await shows(first, PROCESSING);
    await shows(second, PROCESSING);
    expect(server.begun).toEqual(['/uploads/1']);
  },
);

test('a pause that comes too late is none, in no tab', async () => {
  const [first, second] = await sending();
  server.answer(204);
  // The second hears of both in turn: that it waits, and then that all of it has arrived.
  second.upload.hold();
  await shows(first, PROCESSING);
  await shows(second, PROCESSING);
});

test('a tab without the file waits for the one that has it', async () => {
  const first = await open();
  await shows(first, { name: 'sending' });
  await first.shelf.forgetFile(KEPT.key);
  const second = await open();
  first.upload.hold();
  await shows(second, { name: 'paused' });
  second.upload.goOn();
  await shows(second, { name: 'sending' });
  expect(first.upload.step.value.name).toBe('sending');
});
