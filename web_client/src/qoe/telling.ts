/** Looks at the stage of this page, and tells the server how it plays: when the page is hidden or left, and when there is much. */
import { effect } from '@preact/signals';
import { API } from '../api/operations';
import type { Beacon } from '../api/types';
import { stage } from '../playback/the-stage';
import { dataSaver, network } from '../playback/saving';
import type { Player } from '../playback/player';
import { Figures, type Showing } from './figures';

/** CSS pixels of the short edge; more is not a phone. */
const SMALL = 600;

const figures = new Figures();

/** Once, for members and guests alike. `showsVideos`: does the page do so now? It may read signals. */
export function startTelling(showsVideos: () => boolean): void {
  if (document.hidden) figures.notFromTheStart();
  effect(() => {
    if (!showsVideos()) figures.notFromTheStart();
  });
  effect(() => {
    const id = stage.current.value;
    const player = id === null ? undefined : stage.players.value.get(id);
    figures.see(id === null || !player ? null : showing(id, player));
    if (figures.full) tell();
  });
  stage.ahead.onFetched = (bytes) => figures.fetched(bytes);
  stage.ahead.onWasted = (bytes) => figures.wasted(bytes);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden') return;
    figures.notFromTheStart();
    tell();
  });
  // Safari hides no page that is left by a link.
  addEventListener('pagehide', tell);
}

function showing(id: string, player: Player): Showing {
  const phase = player.phase.value;
  return {
    id,
    moved: player.moved.value,
    wanted: phase === 'playing' || phase === 'waiting',
    moving: phase === 'playing',
    sought: player.element.seeking,
    broken: phase === 'broken',
    ahead: player.ahead,
    changes: player.changes.value,
  };
}

/** Without repeats, and without a word of who this is: what is lost is not missed. */
function tell(): void {
  const figured = figures.take();
  if (!figured) return;
  const beacon: Beacon = { client: circumstances(), ...figured };
  const body = new Blob([JSON.stringify(beacon)], { type: 'application/json' });
  navigator.sendBeacon(`${API}/qoe`, body);
}

function circumstances(): Beacon['client'] {
  const screen = Math.min(innerWidth, innerHeight) < SMALL ? 'small' : 'large';
  return { network: network.peek(), screen, data_saver: dataSaver.peek() };
}
