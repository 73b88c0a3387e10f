/** What authors can do with a video of theirs: change its words and who sees it, delete it. */
import { signal, useSignal } from '@preact/signals';
import { useEntry } from '../kit/use-entry';
import { call } from '../api/call';
import { Problem } from '../api/problem';
import type { Video, Visibility } from '../api/types';
import { Field } from '../kit/field';
import { Icon } from '../kit/icon';
import { back } from '../kit/router';
import { Segments } from '../kit/segments';
import { Sheet } from '../kit/sheet';
import { trimmed } from '../kit/text';
import { tell, tellFailure } from '../kit/toast';
import { dismissVideo } from '../upload/uploads';
import { words } from '../words/words';
import { keepVideo, knownVideo, videoGone } from './store';
import { LONGEST_DESCRIPTION, LONGEST_TITLE, VISIBILITIES } from './words';
import './own-video.css';

const open = signal<string | null>(null);

export function openOwnVideo(id: string): void {
  open.value = id;
}

export function OwnVideoSheet() {
  const video = open.value === null ? undefined : knownVideo(open.value)?.value;
  if (!video) return null;
  const close = () => {
    open.value = null;
  };
  return (
    <Sheet title={words.value.videos.yours} onClose={close}>
      <div class="own-video">
        <a class="button button-wide" href={`/videos/${video.id}/stats`} onClick={close}>
          <Icon name="chart" />
          {words.value.videos.stats}
        </a>
        <EditForm video={video} onDone={close} />
        <DeleteButton video={video} onDone={close} />
      </div>
    </Sheet>
  );
}

interface PartProps {
  video: Video;
  onDone: () => void;
}

function EditForm({ video, onDone }: PartProps) {
  const says = words.value.videos;
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
    (error) => (error instanceof Problem ? error.fields : {}),
  );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        entry.submit();
      }}
    >
      <Field
        name="own-title"
        label={says.title}
        value={title.value}
        onValue={(value) => (title.value = value)}
        most={LONGEST_TITLE}
        error={entry.faults.title}
      />
      <Field
        name="own-description"
        label={says.description}
        lines={2}
        value={description.value}
        onValue={(value) => (description.value = value)}
        most={LONGEST_DESCRIPTION}
        error={entry.faults.description}
      />
      <Segments
        legend={says.whoMaySee}
        name="own-visibility"
        choices={VISIBILITIES}
        value={visibility.value}
        onChoose={(value) => (visibility.value = value)}
      />
      {entry.failure && <p role="alert">{entry.failure}</p>}
      <button class="button button-main button-wide" disabled={entry.busy}>
        {says.save}
      </button>
    </form>
  );
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
