/** What authors can do with a video of theirs: change its words and who sees it, delete it. */
import { useSignal } from '@preact/signals';
import { useEntry } from '../kit/use-entry';
import { call } from '../api/call';
import { Problem } from '../api/problem';
import type { Video, Visibility } from '../api/types';
import { Icon } from '../kit/icon';
import { back } from '../kit/router';
import { Sheet } from '../kit/sheet';
import { trimmed } from '../kit/text';
import { tell, tellFailure } from '../kit/toast';
import { dismissVideo } from '../upload/uploads';
import { words } from '../words/words';
import { VideoFields } from './fields';
import { closeOwnVideo, ownVideo } from './open';
import { keepVideo, knownVideo, videoGone } from './store';
import './own-video.css';

const PREFIX = 'own-';

export function OwnVideoSheet() {
  const video = ownVideo.value === null ? undefined : knownVideo(ownVideo.value)?.value;
  if (!video) return null;
  return (
    <Sheet title={words.value.videos.yours} onClose={closeOwnVideo}>
      <div class="own-video">
        <a class="button button-wide" href={`/videos/${video.id}/stats`} onClick={closeOwnVideo}>
          <Icon name="chart" />
          {words.value.videos.stats}
        </a>
        <EditForm video={video} onDone={closeOwnVideo} />
        <DeleteButton video={video} onDone={closeOwnVideo} />
      </div>
    </Sheet>
  );
}

interface PartProps {
  video: Video;
  onDone: () => void;
}

function EditForm({ video, onDone }: PartProps) {
  const title = useSignal(video.title);
  const description = useSignal(video.description);
  const visibility = useSignal<Visibility>(video.visibility);
  const entry = useEntry(
    async () => {
      const body = {
        title: trimmed(title.value),
        description: trimmed(description.value),
        visibility: visibility.value,
      };
      keepVideo(await call('PATCH', '/videos/{id}', { path: { id: video.id }, body }));
      tell(words.value.videos.saved);
      onDone();
    },
    (error) => (error instanceof Problem ? prefixed(error.fields) : {}),
  );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        entry.submit();
      }}
    >
      <VideoFields
        prefix={PREFIX}
        title={title}
        description={description}
        visibility={visibility}
        faults={entry.faults}
      />
      {entry.failure && <p role="alert">{entry.failure}</p>}
      <button class="button button-main button-wide" disabled={entry.busy}>
        {words.value.videos.save}
      </button>
    </form>
  );
}

/** By the names of the fields here. */
function prefixed(faults: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(faults).map(([name, fault]) => [PREFIX + name, fault]));
}

/** Asks once more, for there is no way back. */
function DeleteButton({ video, onDone }: PartProps) {
  const sure = useSignal(false);
  const remove = async () => {
    try {
      await dismissVideo(video.id);
      await call('DELETE', '/videos/{id}', { path: { id: video.id } });
      onDone();
      videoGone(video.id);
      if (location.pathname === `/videos/${video.id}`) back(`/@${video.author.username}`);
      tell(words.value.videos.deleted);
    } catch (error) {
      tellFailure(error);
    }
  };
  return (
    <button
      class="button button-wide own-video-delete"
      onClick={() => {
        if (sure.value) void remove();
        else sure.value = true;
      }}
    >
      <Icon name="trash" />
      {sure.value ? words.value.videos.deleteForEver : words.value.videos.delete}
    </button>
  );
}
