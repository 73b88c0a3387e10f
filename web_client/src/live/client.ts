/** The live session: connects, resumes where it was, notices dead lines, and comes back by itself. */
import type { View } from '../api/types';
import { afterClose } from './closing';
import {
  type ClientFrame,
  frameOf,
  type LiveEventName,
  type LiveEvents,
  type ServerFrame,
} from './messages';
import { Watches } from './watches';

/** `offline`: the machine has no network; `away`: it has, but there is no session. */
export type LiveState = 'stopped' | 'connecting' | 'open' | 'away' | 'offline';

export interface LiveOptions {
  /** The socket's address, without the ticket. */
  url: string;
  /** A single-use ticket; `renew` says that the last one was refused. Null: logged out, stay away. */
  ticket: (renew: boolean) => Promise<string | null>;
  /** The access token for a session that is about to expire. */
  token: () => Promise<string | null>;
  onState: (state: LiveState) => void;
  onEvent: <Name extends LiveEventName>(name: Name, data: LiveEvents[Name]) => void;
  /** From now on its comments and counts are told; what came before, or during a break, was not. */
  onWatching: (videoId: string) => void;
  /** Too much was missed to be replayed: reload over HTTP. */
  onGap: () => void;
  /** The session was revoked or the account deleted. */
  onRevoked: () => void;
  /** How long an answer to our own ping may take. */
  pongWithinMs?: number;
  WebSocket?: typeof WebSocket;
}

const PROTOCOL = 'reelwire.v1';
const PONG_WITHIN_MS = 8_000;
const OPEN_WITHIN_MS = 15_000;
/** A session that lasted so long was a good one: the next break starts with a short pause. */
const STABLE_MS = 5_000;
const RESUME_ID = 0;
/** Twice as many as a replay has at most. */
const REMEMBERED = 2_000;

export class LiveClient {
  /** The last position seen; good for 7 days on every node. */
  position: string | null = null;

  #state: LiveState = 'stopped';
  #socket: WebSocket | null = null;
  #attempt = 0;
  #openedAt: number | null = null;
  #welcomePosition: string | null = null;
  #renew = false;
  /** A `resume` is not answered yet: the gap behind us is open, and the old position stays until it is closed. */
  #resuming = false;
  #commands = 0;
  #heartbeatMs = 25_000;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  /** Ids of publications already handed on: the server delivers at least once. */
  #seen = new Set<string>();
  #watches = new Watches(
    (command) => this.#send({ ...command, id: ++this.#commands }),
    (videoId) => this.options.onWatching(videoId),
    // Nobody was watching it when that was told.
    (videoId) => this.options.onEvent('video.removed', { id: videoId }),
  );

  constructor(private readonly options: LiveOptions) {}

  /** Begins, or begins again; from `position` on nothing is missed. */
  start(position: string | null): void {
    this.position ??= position;
    if (this.#state === 'stopped') void this.#connect();
  }

  stop(): void {
    this.#close();
    this.#say('stopped');
  }

  /** The machine lost its network: a socket that says nothing is worth nothing. */
  offline(): void {
    if (this.#state === 'stopped') return;
    this.#close();
    this.#say('offline');
  }

  /** The network is back, or the page is seen again: do not wait for the next attempt, and doubt an old line. */
  wake(): void {
    if (this.#state === 'open') this.#doubt();
    else if (this.#state === 'offline' || this.#state === 'away') {
      this.#attempt = 0;
      void this.#connect();
    }
  }

  /** Tells what was watched; false when there is no session to tell it. */
  view(views: readonly View[]): boolean {
    if (this.#state !== 'open' || this.#socket?.readyState !== 1) return false;
    this.#send({ type: 'view', id: ++this.#commands, views });
    return true;
  }

  /** Hear of this video's comments and counts until `unwatch`, over breaks too. The server allows four at once. */
  watch(videoId: string): void {
    this.#watches.add(videoId);
  }

  unwatch(videoId: string): void {
    this.#watches.remove(videoId);
  }

  async #connect(): Promise<void> {
    this.#close();
    this.#say('connecting');
    this.#attempt++;
    const ticket = await this.options.ticket(this.#renew).catch(() => undefined);
    if (this.#state !== 'connecting' || this.#socket) return;
    if (ticket === null) {
      this.#say('away');
      return;
    }
    if (ticket === undefined) {
      this.#closed(0, '');
      return;
    }
    this.#renew = false;
    this.#open(ticket);
  }

  #open(ticket: string): void {
    const Socket = this.options.WebSocket ?? WebSocket;
    const socket = new Socket(`${this.options.url}?ticket=${encodeURIComponent(ticket)}`, PROTOCOL);
    this.#socket = socket;
    this.#patience(OPEN_WITHIN_MS, () => this.#dead());
    // `resume` has to be the first word, and to come soon: live events are held back for it.
    this.#resuming = this.position !== null;
    socket.onopen = () => {
      if (this.#socket === socket && this.position !== null)
        this.#send({ type: 'resume', id: RESUME_ID, position: this.position });
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket || typeof data !== 'string') return;
      this.#alive();
      const frame = frameOf(data);
      if (frame) this.#hear(frame);
    };
    // A close follows every error, and says more.
    socket.onerror = () => undefined;
    socket.onclose = ({ code, reason }) => {
      if (this.#socket === socket) this.#closed(code, reason);
    };
  }

  #hear(frame: ServerFrame): void {
    switch (frame.type) {
      case 'welcome':
        this.#welcome(frame.position, frame.heartbeat_ms);
        break;
      case 'event':
        this.#event(frame.event as LiveEventName, frame.position, frame.data);
        break;
      case 'caught_up':
        this.#caughtUp(frame.position, frame.recovered);
        break;
      case 'reauthenticate':
        void this.#reauthenticate();
        break;
      case 'error':
        // A position that the server does not take is as good as a gap that is too long.
        if (frame.id === RESUME_ID && this.#resuming) this.#caughtUp(this.#welcomePosition, false);
        else this.#watches.refused(frame.id, frame.code);
        break;
      case 'ack':
        this.#watches.done(frame.id);
    }
  }

  #welcome(position: string, heartbeatMs: number): void {
    this.#openedAt = performance.now();
    this.#heartbeatMs = heartbeatMs;
    this.#welcomePosition = position;
    this.position ??= position;
    this.#say('open');
    this.#watches.again();
    this.#alive();
  }

  #caughtUp(position: string | null, recovered: boolean): void {
    this.#resuming = false;
    this.position = position;
    if (!recovered) this.options.onGap();
  }

  #event(name: LiveEventName, position: string | null, data: unknown): void {
    if (position !== null && !this.#resuming) this.position = position;
    if (name === 'video.published' && this.#repeated((data as { id: string }).id)) return;
    if (name === 'video.removed') this.#watches.gone((data as { id: string }).id);
    this.options.onEvent(name, data as LiveEvents[LiveEventName]);
  }

  #repeated(id: string): boolean {
    if (this.#seen.has(id)) return true;
    this.#seen.add(id);
    const [oldest] = this.#seen;
    if (this.#seen.size > REMEMBERED && oldest) this.#seen.delete(oldest);
    return false;
  }

  async #reauthenticate(): Promise<void> {
    const token = await this.options.token().catch(() => null);
    if (token) this.#send({ type: 'auth', id: ++this.#commands, token });
  }

  /** Something came: the line lives. A browser does not show the server's pings, so we send our own. */
  #alive(): void {
    this.#patience(this.#heartbeatMs, () => this.#doubt());
  }

  #doubt(): void {
    this.#send({ type: 'ping', id: ++this.#commands });
    this.#patience(this.options.pongWithinMs ?? PONG_WITHIN_MS, () => this.#dead());
  }

  /** A zombie: nothing came although we asked. Its own close would take minutes, so we do not wait for it. */
  #dead(): void {
    this.#closed(0, '');
  }

  #closed(code: number, reason: string): void {
    const lasted = this.#openedAt !== null && performance.now() - this.#openedAt >= STABLE_MS;
    if (lasted) this.#attempt = 0;
    this.#close();
    const { waitMs, renew } = afterClose(code, reason, Math.max(1, this.#attempt));
    this.#renew = renew;
    this.#say('away');
    if (waitMs === null) this.options.onRevoked();
    else this.#retry = setTimeout(() => void this.#connect(), waitMs);
  }

  #close(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#watchdog);
    this.#watches.broken();
    this.#openedAt = null;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #patience(ms: number, then: () => void): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(then, ms);
  }

  #send(command: ClientFrame): number {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(command));
    return command.id;
  }

  #say(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.options.onState(state);
  }
}
