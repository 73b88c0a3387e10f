/** Where a video lies, and the way to have it back from the archive. */
import { useSignal } from '@preact/signals';
import { call } from '../api/call';
import type { Stats, Video } from '../api/types';
import { Button } from '../kit/button';
import { Icon } from '../kit/icon';
import { freshKey } from '../kit/keys';
import { size } from '../kit/numbers';
import { tell, tellFailure } from '../kit/toast';
import { useHeldFocus } from '../kit/use-caught-focus';
import { words } from '../words/words';

type Stored = Stats['stored'];

/** While it is copied to the archive all of it is at hand. */
const SHOWN_AS = {
  warm: 'warm',
  archiving: 'warm',
  archived: 'archived',
  restoring: 'restoring',
} as const;

interface StorageProps {
  video: Video;
  stored: Stored;
  /** It is another state now. */
  onChange: () => void;
}

export function Storage({ video, stored, onChange }: StorageProps) {
  const says = words.value.creator;
  const busy = useSignal(false);
  const place = useHeldFocus<HTMLElement>();
  // The socket tells when all of it is back.
  const state = video.archived ? SHOWN_AS[stored.state] : 'warm';
  const means = {
    warm: says.warmMeans,
    archived: says.archivedMeans,
    restoring: says.restoringMeans,
  }[state];
  const restore = async () => {
    busy.value = true;
    try {
      const path = { id: video.id };
      await call('POST', '/videos/{id}/restore', { path, idempotencyKey: freshKey() });
      tell(says.wishedBack);
      onChange();
    } catch (error) {
      tellFailure(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <section ref={place} class="creator-part" tabIndex={-1} aria-label={says.storage}>
      <h2>{says.storage}</h2>
      <div class="creator-storage">
        <span class={state === 'warm' ? 'creator-mark' : 'creator-mark creator-mark-away'}>
          <Icon name={state === 'warm' ? 'check' : state === 'archived' ? 'archive' : 'retry'} />
        </span>
        <div>
          <b>{says[state]}</b>
          <p>{means}</p>
          {stored.bytes > 0 && <small>{says.size(size(stored.bytes))}</small>}
        </div>
      </div>
      {state === 'archived' && (
        <Button class="button button-main" off={busy.value} onClick={() => void restore()}>
          {says.restore}
        </Button>
      )}
    </section>
  );
}
