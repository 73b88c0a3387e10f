/** The words around a picked video, and the button that posts it. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { me } from '../accounts/session';
import type { Visibility } from '../api/types';
import { Field } from '../kit/field';
import { clock, codePoints, size } from '../kit/numbers';
import { go } from '../kit/router';
import { Segments } from '../kit/segments';
import { pieces, trimmed } from '../kit/text';
import { LONGEST_DESCRIPTION, LONGEST_TITLE, VISIBILITIES } from '../videos/words';
import type { Picked } from './post-page';
import { post } from './uploads';

const WHO_SEES: Readonly<Record<Visibility, string>> = {
  public: 'Everybody can see it; your followers see it at once.',
  followers: 'Only your followers can see it, and they see it at once.',
  private: 'Nobody else can see it.',
};

export function PostForm({ picked, onOther }: { picked: Picked; onOther: () => void }) {
  const title = useSignal('');
  const description = useSignal('');
  const visibility = useSignal<Visibility>('public');
  const tooLong =
    codePoints(title.value) > LONGEST_TITLE || codePoints(description.value) > LONGEST_DESCRIPTION;
  const submit = (event: Event) => {
    event.preventDefault();
    if (tooLong) return;
    void post({
      file: picked.file,
      picture: picked.picture,
      title: trimmed(title.value),
      description: trimmed(description.value),
      visibility: visibility.value,
    });
    go(`/@${me.value?.username}`, { replace: true });
  };
  return (
    <form class="post" noValidate onSubmit={submit}>
      <Preview picked={picked} onOther={onOther} />
      <div class="post-words">
        <Field
          name="title"
          label="Title"
          value={title.value}
          onValue={(value) => (title.value = value)}
          most={LONGEST_TITLE}
          hint={<Tags text={`${title.value} ${description.value}`} />}
          input={{ placeholder: 'What is it? #hashtags are welcome', autocomplete: 'off' }}
        />
        <Field
          name="description"
          label="Description"
          lines={3}
          value={description.value}
          onValue={(value) => (description.value = value)}
          most={LONGEST_DESCRIPTION}
        />
        <div>
          <Segments
            legend="Who may see it"
            name="visibility"
            choices={VISIBILITIES}
            value={visibility.value}
            onChoose={(value) => (visibility.value = value)}
          />
          <p class="post-who">{WHO_SEES[visibility.value]}</p>
        </div>
        <button class="button button-main button-wide post-send" disabled={tooLong}>
          Post
        </button>
      </div>
    </form>
  );
}

function Preview({
  picked: { file, durationMs },
  onOther,
}: {
  picked: Picked;
  onOther: () => void;
}) {
  const url = useMemo(() => URL.createObjectURL(file), [file]);
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    return () => {
      // First let go, then revoke: a video that loops would go on asking for it.
      element?.removeAttribute('src');
      element?.load();
      URL.revokeObjectURL(url);
    };
  }, [url]);
  return (
    <div class="post-preview">
      <video
        ref={video}
        src={url}
        muted
        loop
        autoplay
        playsInline
        disablePictureInPicture
        aria-label="Your video"
      />
      <p>
        {durationMs ? `${clock(durationMs)} · ` : ''}
        {size(file.size)}
      </p>
      <button type="button" class="button button-slim" onClick={onOther}>
        Choose another
      </button>
    </div>
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
