/** The words around a picked video, and the button that posts it. */
import { useSignal } from '@preact/signals';
import { CompletingField } from '../find/completing-field';
import { Segments } from '../kit/segments';
import { pieces } from '../kit/text';
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
  onPosted: () => void;
  onOther: () => void;
}

export function PostForm({ draft, more, onPosted, onOther }: PostFormProps) {
  const said = words.value.upload;
  const busy = useSignal(false);
  const obstacle = draft.obstacle.value;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (obstacle !== null || busy.value) return;
    busy.value = true;
    const atMs = draft.pictureAtMs();
    const seen = atMs === null ? null : await pictureAt(draft.picked.file, atMs);
    void post(draft.posting(seen ?? draft.picked.picture));
    onPosted();
  };
  return (
    <form class="post" noValidate onSubmit={(event) => void submit(event)}>
      <Editor draft={draft} onOther={onOther} />
      <div class="post-words">
        <Words draft={draft} />
        {obstacle && (
          <p class="picker-trouble" role="alert">
            {obstacle}
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
