/** The words around a picked video, and the button that posts it. */
import { useSignal } from '@preact/signals';
import { Button } from '../kit/button';
import { tell } from '../kit/toast';
import { useMounted } from '../kit/use-mounted';
import { VideoFields } from '../videos/fields';
import { words } from '../words/words';
import type { Draft } from './draft';
import { Editor } from './editor';
import { pictureAt } from './inspect';
import { post } from './uploads';

interface PostFormProps {
  /** Takes the focus of what was there before. */
  place: (element: HTMLElement | null) => void;
  draft: Draft;
  /** So many were picked with it and come next. */
  more: number;
  /** What became of those before it that cannot be posted. */
  leftOut: string | null;
  onPosted: () => void;
  onOther: () => void;
}

export function PostForm({ place, draft, more, leftOut, onPosted, onOther }: PostFormProps) {
  const says = words.value.upload;
  const busy = useSignal(false);
  /** No part can be cut out, which came to light after somebody wanted to post one. */
  const cannot = useSignal(false);
  const mounted = useMounted();
  const obstacle = draft.obstacle.value;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (obstacle !== null || busy.value) return;
    busy.value = true;
    cannot.value = false;
    if (!(await draft.isAsShown())) {
      // Whoever wanted a part says themselves that it shall be all of it.
      busy.value = false;
      cannot.value = true;
      if (!mounted.current) tell(words.value.upload.cutFailed);
      return;
    }
    const atMs = draft.pictureAtMs();
    const seen = atMs === null ? null : await pictureAt(draft.picked.file, atMs);
    void post(draft.posting(seen ?? draft.picked.picture));
    if (mounted.current) onPosted();
  };
  const trouble = obstacle ?? (cannot.value && draft.wantsPart ? words.value.trim.cannot : null);
  return (
    <form
      ref={place}
      class="post"
      tabIndex={-1}
      aria-label={says.yours}
      noValidate
      onSubmit={(event) => void submit(event)}
    >
      <Editor draft={draft} onOther={onOther} />
      <div class="post-words">
        {leftOut && (
          <p class="post-more" role="alert">
            {leftOut}
          </p>
        )}
        <VideoFields
          title={draft.title}
          description={draft.description}
          visibility={draft.visibility}
        />
        {trouble && (
          <p class="picker-trouble" role="alert">
            {trouble}
          </p>
        )}
        <Button
          class="button button-main button-wide post-send"
          off={obstacle !== null || busy.value}
        >
          {more ? says.postNext : says.post}
        </Button>
        {more > 0 && <p class="post-more">{says.more(more)}</p>}
      </div>
    </form>
  );
}
