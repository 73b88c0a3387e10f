/** When the network is free for what can wait. */
import { effect } from '@preact/signals';
import { nothingToPlay } from '../feed/nothing';
import { waited } from '../kit/backoff';
import { path } from '../kit/router';
import { stage } from '../playback/the-stage';
import { routeOf, showsVideos } from './routes';

/**
 * Resolves once the first video has buffered enough, at once on pages without video, as soon as a feed turns out to have none, and at the
 * latest after `atLatestMs`.
 */
export async function networkFree(atLatestMs: number): Promise<void> {
  if (!showsVideos(routeOf(path.peek()))) return;
  let dispose = (): void => undefined;
  const free = new Promise<void>((resolve) => {
    dispose = effect(() => {
      if (stage.rested.value || nothingToPlay.value) resolve();
    });
  });
  await Promise.race([free, waited(atLatestMs)]);
  dispose();
}
