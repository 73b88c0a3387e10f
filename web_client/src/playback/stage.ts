/** Three players for however many videos: the one before, the current one and the next. */
import { signal } from '@preact/signals';
import type { Video } from '../api/types';
import { Player, type Renew } from './player';

const MOST_PLAYERS = 3;

/** Where a video is shown, in order of importance: the current one first. */
export interface Seat {
  video: Video;
  slot: Element;
}

export class Stage {
  /** Which player shows which video. */
  readonly players = signal<ReadonlyMap<string, Player>>(new Map());
  /** The video that the person looks at. */
  readonly current = signal<string | null>(null);
  #all: Player[] = [];
  #current: Player | null = null;

  constructor(private readonly renew: Renew) {
    document.addEventListener('visibilitychange', () => this.#visibility());
  }

  /** Seats the videos, reusing the player that already has one; the first seat plays, the second is fetched ahead. */
  arrange(seats: readonly Seat[]): void {
    const taken = seats.slice(0, MOST_PLAYERS);
    const wanted = new Set(taken.map((seat) => seat.video.id));
    const seated = new Map<string, Player>();
    for (const { video, slot } of taken) {
      const player = this.#playerFor(video.id, wanted, seated);
      seated.set(video.id, player);
      if (player.element.parentElement !== slot) slot.prepend(player.element);
      player.show(video, seated.size <= 2);
    }
    this.#clearOthers(seated);
    this.#enter(taken[0] ? (seated.get(taken[0].video.id) ?? null) : null);
    this.players.value = seated;
    this.current.value = taken[0]?.video.id ?? null;
  }

  /** Tries a broken video once more, with fresh addresses. */
  async retry(id: string): Promise<void> {
    const player = this.players.value.get(id);
    const video = await this.renew(id).catch(() => null);
    if (!player || !video || player.videoId !== id) return;
    player.show(video, true);
    if (this.#current === player) player.enter();
  }

  /** Nobody looks any more: frees every decoder. The elements stay, for a browser remembers that a tap started them. */
  close(): void {
    this.arrange([]);
  }

  #playerFor(id: string, wanted: ReadonlySet<string>, seated: ReadonlyMap<string, Player>): Player {
    const showing = this.#all.find((player) => player.videoId === id);
    if (showing) return showing;
    const busy = new Set(seated.values());
    const spare = this.#all.find(
      (player) => !busy.has(player) && !wanted.has(player.videoId ?? ''),
    );
    if (spare) return spare;
    const made = new Player(this.renew);
    this.#all.push(made);
    return made;
  }

  #clearOthers(seated: ReadonlyMap<string, Player>): void {
    const busy = new Set(seated.values());
    for (const player of this.#all) {
      if (busy.has(player)) continue;
      player.clear();
      player.element.remove();
    }
  }

  #enter(player: Player | null): void {
    if (this.#current !== player) this.#current?.leave();
    this.#current = player;
    if (document.visibilityState === 'visible') player?.enter();
  }

  #visibility(): void {
    const player = this.#current;
    if (!player) return;
    if (document.visibilityState === 'hidden') {
      if (player.phase.value !== 'stopped') player.pause(false);
    } else if (player.phase.value === 'paused') {
      player.enter();
      player.play();
    }
  }
}
