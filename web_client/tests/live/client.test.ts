/** The live client against a real WebSocket server on a unix socket. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket as Socket, WebSocketServer } from 'ws';
import { LiveClient, type LiveOptions, type LiveState } from '../../src/live/client';

/** What a session of the server heard, and the means to answer. */
interface Peer {
  ticket: string;
  protocol: string;
  socket: Socket;
  next: () => Promise<Record<string, unknown>>;
}

const folder = mkdtempSync(join(tmpdir(), 'reelwire-live-'));
let places = 0;
let server: WebSocketServer;
let client: LiveClient;
let peers: Mailbox<Peer>;
let events: Mailbox<{ name: string; data: unknown }>;
let states: LiveState[];
let gaps: Mailbox<true>;
let watching: Mailbox<string>;
let renewals: boolean[];

class Mailbox<Item> {
  #items: Item[] = [];
  #waiting: ((item: Item) => void)[] = [];

  put(item: Item): void {
    const reader = this.#waiting.shift();
    if (reader) reader(item);
    else this.#items.push(item);
  }

  take(): Promise<Item> {
    const item = this.#items.shift();
    return item ? Promise.resolve(item) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  get size(): number {
    return this.#items.length;
  }
}

beforeEach(async () => {
  const path = join(folder, `${++places}.sock`);
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(path, resolve));
  peers = new Mailbox();
  events = new Mailbox();
  gaps = new Mailbox();
  watching = new Mailbox();
  states = [];
  renewals = [];
  server = new WebSocketServer({ server: http });
  server.on('close', () => http.close());
  server.on('connection', (socket, request) => {
    const heard = new Mailbox<Record<string, unknown>>();
    socket.on('message', (data: Buffer) =>
      heard.put(JSON.parse(data.toString()) as Record<string, unknown>),
    );
    const ticket = new URL(request.url ?? '', 'http://x').searchParams.get('ticket') ?? '';
    peers.put({ ticket, protocol: socket.protocol, socket, next: () => heard.take() });
  });
  client = clientAt(`ws+unix://${path}:/api/v1/live`);
});

afterEach(() => {
  client.stop();
  for (const socket of server.clients) socket.terminate();
  server.close();
  rmSync(join(folder, `${places}.sock`), { force: true });
});

function clientAt(url: string): LiveClient {
  let tickets = 0;
  const options: LiveOptions = {
    url,
    ticket: (renew) => {
      renewals.push(renew);
      return Promise.resolve(`t${++tickets}`);
    },
    token: () => Promise.resolve('fresh'),
    onState: (state) => states.push(state),
    onEvent: (name, data) => events.put({ name, data }),
    onWatching: (id) => watching.put(id),
    onGap: () => gaps.put(true),
    onRevoked: () => states.push('stopped'),
    pongWithinMs: 30,
    WebSocket: Socket as unknown as typeof WebSocket,
  };
  return new LiveClient(options);
}

function say(peer: Peer, frame: object): void {
  peer.socket.send(JSON.stringify(frame));
}

function welcome(peer: Peer, position = 'w1', heartbeat_ms = 25_000): void {
  say(peer, { type: 'welcome', session: 's', position, heartbeat_ms, max_message_bytes: 4096 });
}

function published(peer: Peer, id: string, position: string): void {
  say(peer, { type: 'event', event: 'video.published', position, data: { id } });
}

test('it opens with a ticket and our protocol, and resumes from the feed as its first word', async () => {
  client.start('feed-7');
  const peer = await peers.take();
  expect(peer).toMatchObject({ ticket: 't1', protocol: 'reelwire.v1' });
  welcome(peer);
  expect(await peer.next()).toEqual({ type: 'resume', id: 0, position: 'feed-7' });
});

test('after a restart it comes back when it was told to, from the last event', async () => {
  client.start(null);
  const first = await peers.take();
  welcome(first);
  published(first, 'v1', 'e1');
  expect((await events.take()).data).toEqual({ id: 'v1' });
  first.socket.close(1012, 'retry_after_ms=0');
  const second = await peers.take();
  welcome(second);
  expect(await second.next()).toEqual({ type: 'resume', id: 0, position: 'e1' });
});

test('a repeated publication is handed on once', async () => {
  client.start(null);
  const peer = await peers.take();
  welcome(peer);
  published(peer, 'v1', 'e1');
  published(peer, 'v1', 'e2');
  published(peer, 'v2', 'e3');
  await events.take();
  expect((await events.take()).data).toEqual({ id: 'v2' });
  expect(events.size).toBe(0);
  expect(client.position).toBe('e3');
});

test('a gap that cannot be replayed is told, and the position goes on from there', async () => {
  client.start('old');
  const peer = await peers.take();
  welcome(peer);
  say(peer, { type: 'caught_up', recovered: false, missed: 0, position: 'now' });
  await gaps.take();
  expect(client.position).toBe('now');
});

test('a break in the midst of a replay resumes from the old position, one after it from the new', async () => {
  client.start('old');
  const first = await peers.take();
  welcome(first);
  published(first, 'v1', 'e1');
  expect((await events.take()).data).toEqual({ id: 'v1' });
  expect(client.position).toBe('old');
  first.socket.close(1012, 'retry_after_ms=0');
  const second = await peers.take();
  welcome(second);
  expect(await second.next()).toEqual({ type: 'resume', id: 0, position: 'old' });
  published(second, 'v2', 'e2');
  say(second, { type: 'caught_up', recovered: true, missed: 1, position: 'e2' });
  published(second, 'v3', 'e3');
  await events.take();
  expect((await events.take()).data).toEqual({ id: 'v3' });
  second.socket.close(1012, 'retry_after_ms=0');
  const third = await peers.take();
  welcome(third);
  expect(await third.next()).toEqual({ type: 'resume', id: 0, position: 'e3' });
});

test('a refused ticket asks for a renewed one', async () => {
  client.start(null);
  (await peers.take()).socket.close(4001, 'bad ticket');
  await peers.take();
  expect(renewals).toEqual([false, true]);
});

test('a silent line is pinged, given up, and opened again', async () => {
  client.start(null);
  const dead = await peers.take();
  welcome(dead, 'w1', 20);
  expect(await dead.next()).toMatchObject({ type: 'ping' });
  const alive = await peers.take();
  welcome(alive);
  expect(await alive.next()).toEqual({ type: 'resume', id: 0, position: 'w1' });
});

test('it authenticates again when asked', async () => {
  client.start(null);
  const peer = await peers.take();
  welcome(peer);
  say(peer, { type: 'reauthenticate' });
  expect(await peer.next()).toMatchObject({ type: 'auth', token: 'fresh' });
});

test('offline closes the line, and the network brings it back', async () => {
  client.start(null);
  const first = await peers.take();
  welcome(first);
  published(first, 'v1', 'e1');
  await events.take();
  client.offline();
  client.wake();
  const second = await peers.take();
  welcome(second);
  expect(await second.next()).toEqual({ type: 'resume', id: 0, position: 'e1' });
  expect(states).toEqual(['connecting', 'open', 'offline', 'connecting', 'open']);
});

test('frames of a newer server do no harm', async () => {
  client.start(null);
  const peer = await peers.take();
  welcome(peer);
  peer.socket.send('not json');
  say(peer, { type: 'from_the_future', data: {} });
  say(peer, { type: 'event', event: 'also.new', position: null, data: {} });
  published(peer, 'v1', 'e1');
  expect((await events.take()).name).toBe('also.new');
  expect((await events.take()).data).toEqual({ id: 'v1' });
});

test('views are told while a session is open, and handed back when there is none', async () => {
  const views = [
    { video_id: 'v1', watched_ms: 2_500, completed: true, replays: 0, source: 'link' as const },
  ];
  expect(client.view(views)).toBe(false);
  client.start('feed-7');
  const peer = await peers.take();
  welcome(peer);
  expect(await peer.next()).toMatchObject({ type: 'resume' });
  expect(client.view(views)).toBe(true);
  expect(await peer.next()).toEqual({ type: 'view', id: 1, views });
  client.offline();
  expect(client.view(views)).toBe(false);
});

test('it resumes as soon as the line is open, before the server has said a word', async () => {
  client.start('feed-7');
  const peer = await peers.take();
  expect(await peer.next()).toMatchObject({ type: 'resume', position: 'feed-7' });
});

test('a position that the server does not take is a gap, and the welcome counts from there', async () => {
  client.start('nonsense');
  const peer = await peers.take();
  const { id } = await peer.next();
  welcome(peer, 'w1');
  say(peer, { type: 'error', id, code: 'invalid', detail: '' });
  await gaps.take();
  expect(client.position).toBe('w1');
  published(peer, 'v1', 'e1');
  await events.take();
  expect(client.position).toBe('e1');
});

test('what is watched is said to each session, until it is let go', async () => {
  client.watch('v1');
  client.start(null);
  const first = await peers.take();
  welcome(first);
  const watch = await first.next();
  expect(watch).toMatchObject({ type: 'watch', video_id: 'v1' });
  say(first, { type: 'ack', id: watch.id, data: {} });
  expect(await watching.take()).toBe('v1');
  client.watch('v2');
  expect(await first.next()).toMatchObject({ type: 'watch', video_id: 'v2' });
  client.unwatch('v1');
  expect(await first.next()).toMatchObject({ type: 'unwatch', video_id: 'v1' });
  first.socket.close(1012, 'retry_after_ms=0');
  const second = await peers.take();
  welcome(second);
  expect(await second.next()).toMatchObject({ type: 'resume' });
  expect(await second.next()).toMatchObject({ type: 'watch', video_id: 'v2' });
});

test('a video that is removed is watched no more', async () => {
  client.watch('v1');
  client.start(null);
  const first = await peers.take();
  welcome(first);
  await first.next();
  say(first, { type: 'event', event: 'video.removed', position: null, data: { id: 'v1' } });
  await events.take();
  client.watch('v2');
  await first.next();
  first.socket.close(1012, 'retry_after_ms=0');
  const second = await peers.take();
  welcome(second);
  await second.next();
  expect(await second.next()).toMatchObject({ type: 'watch', video_id: 'v2' });
});

test('a video that is not there to be watched is told as removed', async () => {
  client.watch('v1');
  client.start(null);
  const first = await peers.take();
  welcome(first);
  const { id } = await first.next();
  say(first, { type: 'error', id, code: 'not_found', detail: '' });
  expect(await events.take()).toEqual({ name: 'video.removed', data: { id: 'v1' } });
});

test('a session that ends at once makes the next pause longer', async () => {
  client.start(null);
  (await peers.take()).socket.close(4001, '');
  const second = await peers.take();
  welcome(second);
  second.socket.close(4009, '');
  await expect.poll(() => states.at(-1), { timeout: 20_000 }).toBe('away');
  // The first of a row would have been at once.
  expect(peers.size).toBe(0);
});
