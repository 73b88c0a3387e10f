/** When the network is free for what can wait. */
import { waited } from '../kit/backoff';
import { path } from '../kit/router';
import { stage } from '../playback/the-stage';
import { routeOf, showsVideos } from './routes';

/** The first video has enough, or the page has none; after so many milliseconds it has waited long enough. */
export function networkFree(atLatestMs: number): Promise<void> {
  if (!showsVideos(routeOf(path.peek()))) return Promise.resolve();
  return Promise.race([rested(), waited(atLatestMs)]);
}

function rested(): Promise<void> {
  return new Promise((resolve) => {
    stage.rested.subscribe((rested) => rested && resolve());
  });
}
