/** When the network is free for what can wait. */
import { waited } from '../kit/backoff';
import { path } from '../kit/router';
import { stage } from '../playback/the-stage';
import { routeOf, showsVideos } from './routes';

/** Resolves once the first video has buffered enough, at once on pages without video, and at the latest after `atLatestMs`. */
export function networkFree(atLatestMs: number): Promise<void> {
  if (!showsVideos(routeOf(path.peek()))) return Promise.resolve();
  return Promise.race([rested(), waited(atLatestMs)]);
}

function rested(): Promise<void> {
  return new Promise((resolve) => {
    stage.rested.subscribe((rested) => rested && resolve());
  });
}
