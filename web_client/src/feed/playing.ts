/** Pausing and going on, for taps and keys alike. */
import { stage } from '../playback/the-stage';

/** Stops the video, or lets it go on. */
export function togglePlaying(id: string): void {
  const player = stage.players.value.get(id);
  if (!player) return;
  if (player.phase.value === 'stopped' || player.phase.value === 'paused') player.play();
  else player.pause(true);
}

/** So far an arrow key goes. */
export const SEEK_SECONDS = 5;

/** Moves by that many seconds, round the end of the loop. */
export function seekBy(id: string, seconds: number): void {
  const element = stage.players.value.get(id)?.element;
  if (!element || !Number.isFinite(element.duration)) return;
  element.currentTime = (element.currentTime + seconds + element.duration) % element.duration;
}
