/** The cover that an author chose before the video was there: sent once it plays. */
import { call } from '../api/call';
import { refusedForGood } from '../api/problem';
import type { Video } from '../api/types';
import { words } from '../words/words';
import { tell } from '../kit/toast';
import type { Cover } from './shelf';

/** Longest edge of a picture of one's own. */
export const COVER_EDGE = 1600;
/** The server waits some seconds for the picture to be made before it answers. */
const WITHIN_MS = 20_000;

/** True when nothing more is to be sent (set, or refused for good); false: retry later. */
export async function sendCover({ id, duration_ms }: Video, cover: Cover): Promise<boolean> {
  const body =
    'picture' in cover ? cover.picture : { at_ms: Math.min(cover.at_ms, duration_ms ?? 0) };
  try {
    // The same wish again changes nothing.
    const options = { path: { id }, body, withinMs: WITHIN_MS, repeatable: true };
    await call('PUT', '/videos/{id}/poster', options);
    return true;
  } catch (error) {
    if (!refusedForGood(error)) return false;
    tell(words.value.upload.coverFailed);
    return true;
  }
}
