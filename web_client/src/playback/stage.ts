/** Three players for however many videos: the current one, the next, and the one before or a finer stream of the current one. */
import { signal } from '@preact/signals';
import type { Video } from '../api/types';
import { Ahead, type Coming, fetchHead, headsAreCached, type Room } from './ahead';
import { plan } from './plan';
import { Player, type Renew } from './player';
import { dataSaver, network } from './saving';
import { headOf, startOf } from './sources';

const MOST_PLAYERS = 3;

/** Where a video is shown, in order of importance: the current one first, then the next. */
export interface Seat {
  video: Video;
  slot: Element;
}

export class Stage {
  /** Which player shows which video. */
  readonly players = signal<ReadonlyMap<string, Player>>(new Map());
  /** The video that the person looks at. */
  readonly current = signal<string | null>(null);
  /** A video of this page has had the network for itself, and has enough now, or will not move. */
  readonly rested = signal(false);
  /** What is fetched of the videos that come next. */
  readonly ahead = new Ahead(fetchHead);
  #all: Player[] = [];
  #seats: readonly Seat[] = [];
  #coming: readonly Video[] = [];
  #current: Player | null = null;
  /** Prepares a finer stream of the current video. */
  #successor: Player | null = null;

  constructor(private readonly renew: Renew) {
    document.addEventListener('visibilitychange', () => this.#visibility());
    this.ahead.onReady = () => this.#progress();
    dataSaver.subscribe(() => this.#progress());
  }

  /**
   * Seats the videos, reusing the player that already has one; the first seat plays. `coming` are the videos after it, the nearest
   * first: as many as the plan says are fetched ahead.
   */
  arrange(seats: readonly Seat[], coming: readonly Video[] = []): void {
    const current = seats[0]?.video.id ?? null;
    if (current !== this.current.peek()) this.#dropSuccessor();
    const taken = seats.slice(0, this.#successor ? MOST_PLAYERS - 1 : MOST_PLAYERS);
    const wanted = new Set(taken.map((seat) => seat.video.id));
    const seated = new Map<string, Player>();
    for (const { video, slot } of taken) {
      const player = this.#playerFor(video.id, wanted, seated);
      if (player.videoId !== video.id) this.#letGo(player);
      seated.set(video.id, player);
      if (player.element.parentElement !== slot) slot.prepend(player.element);
      player.show(video);
      // At once: what else is to be done can wait until this one plays.
      if (video.id === current) this.#enter(player);
    }
    if (current === null) this.#enter(null);
    this.#clearOthers(seated);
    [this.#seats, this.#coming] = [seats, coming];
    this.players.value = seated;
    this.current.value = current;
    this.#progress();
  }

  /** Tries a broken video once more, with fresh addresses. */
  async retry(id: string): Promise<void> {
    const player = this.players.value.get(id);
    const video = await this.renew(id).catch(() => null);
    if (!player || !video || player.videoId !== id) return;
    player.show(video);
    if (this.#current === player) player.enter();
  }

  /** Nobody looks any more: frees every decoder. The elements stay, for a browser remembers that a tap started them. */
  close(): void {
    this.arrange([]);
  }

  #playerFor(id: string, wanted: ReadonlySet<string>, seated: ReadonlyMap<string, Player>): Player {
    const others = this.#all.filter((player) => player !== this.#successor);
    const showing = others.find((player) => player.videoId === id);
    if (showing) return showing;
    const busy = new Set(seated.values());
    const spare = others.find((player) => !busy.has(player) && !wanted.has(player.videoId ?? ''));
    return spare ?? this.#newPlayer();
  }

  #newPlayer(): Player {
    const made = new Player(this.renew);
    made.onProgress = () => {
      if (made === this.#current) this.#progress();
    };
    this.#all.push(made);
    return made;
  }

  #clearOthers(seated: ReadonlyMap<string, Player>): void {
    const busy = new Set(seated.values());
    for (const player of this.#all) {
      if (busy.has(player) || player === this.#successor) continue;
      this.#letGo(player);
      player.clear();
      player.element.remove();
    }
  }

  #enter(player: Player | null): void {
    if (this.#current !== player) {
      if (this.#current) this.#letGo(this.#current);
      this.#current?.leave();
    }
    this.#current = player;
    if (document.visibilityState !== 'visible' || !player?.videoId) return;
    if (!player.looked) this.ahead.loaded(player.videoId, player.loadedBytes);
    player.enter();
  }

  /** Settles the prefetch account of the video that this player gives up. */
  #letGo(player: Player): void {
    const id = player.videoId;
    if (id === null) return;
    if (player === this.#current) this.ahead.left(id, player.watchedBytes);
    else if (!player.looked) this.ahead.loaded(id, player.loadedBytes);
  }

  /** Something was loaded, played or decided: what may be fetched now? */
  #progress(): void {
    this.rested.value ||= this.#current !== null && this.#rests(this.#current);
    const room = this.#room();
    const coming = headsAreCached() ? this.#coming.flatMap(beginningOf) : [];
    this.ahead.arrange(this.current.peek(), coming, room, plan.peek());
    if (room === 'none') return;
    const next = this.#seats[1]?.video.id ?? '';
    if (!headsAreCached() || this.ahead.ready(next)) this.players.peek().get(next)?.load();
    if (room === 'all' && this.ahead.idle && this.#current?.wantsMore) this.#succeed(this.#current);
  }

  /** First the video on the screen; the next one when that plays; all others when it has enough. */
  #room(): Room {
    const player = this.#current;
    if (!player) return 'none';
    if (dataSaver.peek() || document.visibilityState === 'hidden') return 'none';
    if (network.peek() === 'slow') return this.#moved() && this.#rests(player) ? 'next' : 'none';
    if (!this.#moved()) return 'none';
    return this.#rests(player) ? 'all' : 'next';
  }

  /** Does the current video move, or will it not, so that nothing has to wait for it? */
  #moved(): boolean {
    const player = this.#current;
    return player !== null && (player.moved.peek() || resting(player));
  }

  /** Has it enough, so that others may have the network too? */
  #rests(player: Player): boolean {
    return player.healthy || resting(player);
  }

  /** Takes the player of the video before this one, and loads the stream there, while this one goes on. */
  #succeed(player: Player): void {
    const seat = this.#seats[0];
    if (this.#successor || seat?.video.id !== player.videoId) return;
    const seated = [...this.players.peek().values()].slice(0, MOST_PLAYERS - 1);
    const spare = this.#all.find((other) => !seated.includes(other)) ?? this.#newPlayer();
    this.#letGo(spare);
    this.#successor = spare;
    seat.slot.prepend(spare.element);
    this.players.value = new Map([...this.players.peek()].filter(([, other]) => other !== spare));
    void spare
      .succeed(player, seat.video, () => this.#takeOver(player, spare))
      .then((opened) => {
        if (opened || this.#successor !== spare) return;
        this.#dropSuccessor();
        this.arrange(this.#seats, this.#coming);
      });
  }

  #takeOver(player: Player, successor: Player): void {
    if (this.#successor !== successor) return;
    this.#successor = null;
    if (this.#current !== player || !player.videoId) return;
    this.#current = successor;
    this.players.value = new Map(this.players.peek()).set(player.videoId, successor);
    player.clear();
    player.element.remove();
    this.arrange(this.#seats, this.#coming);
  }

  #dropSuccessor(): void {
    this.#successor?.clear();
    this.#successor?.element.remove();
    this.#successor = null;
  }

  #visibility(): void {
    const player = this.#current;
    if (!player) return;
    if (document.visibilityState === 'hidden') {
      if (player.phase.value !== 'stopped') player.pause(false);
    } else if (player.phase.value === 'paused') {
      this.#enter(player);
      player.play();
    }
    this.#progress();
  }
}

/** The person or its failure has stopped it. */
function resting({ phase }: Player): boolean {
  return phase.peek() === 'stopped' || phase.peek() === 'broken';
}

function beginningOf(video: Video): Coming[] {
  const start = startOf(video);
  return start ? [{ id: video.id, url: start.url, head: headOf(start) }] : [];
}
