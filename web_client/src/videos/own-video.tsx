/** What authors can do with a video of theirs: change its words and who sees it, delete it. */
import { useSignal } from '@preact/signals';
import { useForm } from '../kit/use-form';
import { call } from '../api/call';
import { Problem, refusedWith } from '../api/problem';
import type { Video, Visibility } from '../api/types';
import { Button } from '../kit/button';
import { Icon } from '../kit/icon';
import { back } from '../kit/router';
import { Sheet } from '../kit/sheet';
import { trimmed } from '../kit/text';
import { tell, tellFailure } from '../kit/toast';
import { useCaughtFocus } from '../kit/use-caught-focus';
import { dismissVideo } from '../upload/uploads';
import { words } from '../words/words';
import { VideoFields } from './fields';
import { closeOwnVideo, ownVideo } from './open';
import { keepVideo, knownVideo, videoGone } from './store';
import './own-video.css';

export function OwnVideoSheet() {
  const video = ownVideo.value === null ? undefined : knownVideo(ownVideo.value)?.value;
  return video ? <OwnVideo key={video.id} video={video} /> : null;
}

function OwnVideo({ video }: { video: Video }) {
  const deleting = useSignal(false);
  const place = useCaughtFocus(deleting.value);
  const says = words.value.videos;
  return (
    <Sheet title={deleting.value ? says.deleteTitle : says.yours} onClose={closeOwnVideo}>
      <div class="own-video" hidden={deleting.value}>
        <a class="button button-wide" href={`/videos/${video.id}/stats`} onClick={closeOwnVideo}>
          <Icon name="chart" />
          {says.stats}
        </a>
        <EditForm video={video} onDone={() => closeSheetOf(video)} />
        <button
          ref={deleting.value ? null : place}
          class="button button-wide own-video-delete"
          onClick={() => (deleting.value = true)}
        >
          <Icon name="trash" />
          {says.delete}
        </button>
      </div>
      {deleting.value && (
        <Deletion video={video} question={place} onCancel={() => (deleting.value = false)} />
      )}
    </Sheet>
  );
}

/** After an answer, which may come when the sheet of another video is open. */
function closeSheetOf({ id }: Video): void {
  if (ownVideo.peek() === id) closeOwnVideo();
}

interface PartProps {
  video: Video;
  onDone: () => void;
}

function EditForm({ video, onDone }: PartProps) {
  const title = useSignal(video.title);
  const description = useSignal(video.description);
  const visibility = useSignal<Visibility>(video.visibility);
  const form = useForm(
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
  const same =
    trimmed(title.value) === video.title &&
    trimmed(description.value) === video.description &&
    visibility.value === video.visibility;
  return (
    <form noValidate onSubmit={form.submit}>
      <VideoFields
        title={title}
        description={description}
        visibility={visibility}
        faults={form.faults}
      />
      {form.failure && <p role="alert">{form.failure}</p>}
      <Button class="button button-main button-wide" off={same || form.busy}>
        {words.value.videos.save}
      </Button>
    </form>
  );
}

interface DeletionProps {
  video: Video;
  /** Takes the focus of the button that asked for this. */
  question: (element: HTMLElement | null) => void;
  onCancel: () => void;
}

/**
 * Asks once more, for there is no way back. A double tap on the button that leads here must not delete: at the lower edge of
 * a phone "Cancel" is in that button's place.
 */
function Deletion({ video, question, onCancel }: DeletionProps) {
  const busy = useSignal(false);
  const says = words.value.videos;
  const remove = async () => {
    busy.value = true;
    try {
      await deleted(video.id);
      closeSheetOf(video);
      videoGone(video.id);
      if (location.pathname === `/videos/${video.id}`) back(`/@${video.author.username}`);
      tell(says.deleted);
      await dismissVideo(video.id);
    } catch (error) {
      busy.value = false;
      tellFailure(error);
    }
  };
  return (
    <div class="own-video">
      <p ref={question} tabIndex={-1}>
        {says.deleteMeans}
      </p>
      <Button
        class="button button-wide own-video-delete"
        off={busy.value}
        onClick={() => void remove()}
      >
        {says.deleteForEver}
      </Button>
      <Button class="button button-wide" off={busy.value} onClick={onCancel}>
        {says.cancel}
      </Button>
    </div>
  );
}

/** Deletes it; it is fine when an earlier try, whose answer was lost, or another tab has done so already. */
async function deleted(id: string): Promise<void> {
  try {
    await call('DELETE', '/videos/{id}', { path: { id }, repeatable: true });
  } catch (error) {
    if (!refusedWith(error, 'not_found')) throw error;
  }
}
