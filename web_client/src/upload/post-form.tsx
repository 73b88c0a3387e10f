/** The words around a picked video, and the button that posts it. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { CompletingField } from '../find/completing-field';
import { Segments } from '../kit/segments';
import { pieces } from '../kit/text';
import { tell } from '../kit/toast';
import { LONGEST_DESCRIPTION, LONGEST_TITLE, VISIBILITIES } from '../videos/words';
import { words } from '../words/words';
import type { Draft } from './draft';
import { Editor } from './editor';
import { pictureAt } from './inspect';
import { post } from './uploads';

interface PostFormProps {
  draft: Draft;
  /** So many were picked with it and come next. */
  more: number;
  /** What became of those before it that cannot be posted. */
  leftOut: string | null;
  onPosted: () => void;
  onOther: () => void;
}

export function PostForm({ draft, more, leftOut, onPosted, onOther }: PostFormProps) {
  const said = words.value.upload;
  const busy = useSignal(false);
  /** No part can be cut out, which came to light after somebody wanted to post one. */
  const cannot = useSignal(false);
  const here = useHere();
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
      if (!here.current) tell(words.value.upload.cutFailed);
      return;
    }
    const atMs = draft.pictureAtMs();
    const seen = atMs === null ? null : await pictureAt(draft.picked.file, atMs);
    void post(draft.posting(seen ?? draft.picked.picture));
    if (here.current) onPosted();
  };
  const trouble = obstacle ?? (cannot.value && draft.wantsPart ? words.value.trim.cannot : null);
  return (
    <form class="post" noValidate onSubmit={(event) => void submit(event)}>
      <Editor draft={draft} onOther={onOther} />
      <div class="post-words">
        {leftOut && (
          <p class="post-more" role="alert">
            {leftOut}
          </p>
        )}
        <Words draft={draft} />
        {trouble && (
          <p class="picker-trouble" role="alert">
            {trouble}
          </p>
        )}
        <button
          class="button button-main button-wide post-send"
          disabled={obstacle !== null || busy.value}
        >
          {more ? said.postNext : said.post}
        </button>
        {more > 0 && <p class="post-more">{said.more(more)}</p>}
      </div>
    </form>
  );
}

/** Is it still shown? Whoever left meanwhile is not called away from where they are. */
function useHere(): { readonly current: boolean } {
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  return here;
}

function Words({ draft: { title, description, visibility } }: { draft: Draft }) {
  const said = words.value.upload;
  return (
    <>
      <CompletingField
        name="title"
        label={said.name}
        value={title.value}
        onValue={(value) => (title.value = value)}
        most={LONGEST_TITLE}
        hint={<Tags text={`${title.value} ${description.value}`} />}
        typing={{ placeholder: said.namePlaceholder, autocomplete: 'off' }}
      />
      <CompletingField
        name="description"
        label={said.description}
        lines={3}
        value={description.value}
        onValue={(value) => (description.value = value)}
        most={LONGEST_DESCRIPTION}
        typing={{ placeholder: said.descriptionPlaceholder, autocomplete: 'off' }}
      />
      <div>
        <Segments
          legend={said.who}
          name="visibility"
          choices={VISIBILITIES}
          value={visibility.value}
          onChoose={(value) => (visibility.value = value)}
        />
        <p class="post-who">{said.whoSees[visibility.value]}</p>
      </div>
    </>
  );
}

/** The hashtags that the server will find. */
function Tags({ text }: { text: string }) {
  const tags = new Set(
    pieces(text)
      .filter((piece) => piece.hashtag)
      .map((piece) => piece.text.toLowerCase()),
  );
  return tags.size ? <em class="post-tags">{[...tags].join(' ')}</em> : null;
}
