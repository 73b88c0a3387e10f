/** Nothing like this, please: off the screen at once; told once nobody takes it back. */
import { call } from '../api/call';
import { suggested } from '../feed/suggested';
import { path } from '../kit/router';
import { tellFailure } from '../kit/toast';
import { undoable } from '../kit/undo';
import { words } from '../words/words';

/** It says what is suggested: elsewhere nothing would come of it. */
export function canDecline(videoId: string): boolean {
  return path.value === '/for-you' && suggested.has(videoId);
}

export function decline(videoId: string): void {
  const putBack = suggested.takeOut(videoId);
  undoable({
    text: words.value.moderation.notInterestedDone,
    undo: words.value.moderation.undo,
    takeBack: putBack,
    // The server knows no way back, so it hears of it when there is none here either.
    act: () =>
      call('PUT', '/videos/{id}/not-interested', {
        path: { id: videoId },
        repeatable: true,
      }).catch(tellFailure),
  });
}
