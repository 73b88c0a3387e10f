/** What authors say of a video, before it is posted and afterwards: title, description, and who may see it. */
import type { Signal } from '@preact/signals';
import type { Visibility } from '../api/types';
import { CompletingField } from '../find/completing-field';
import { Segments } from '../kit/segments';
import { pieces } from '../kit/text';
import { words } from '../words/words';
import { LONGEST_DESCRIPTION, LONGEST_TITLE, VISIBILITIES } from './words';
import './fields.css';

interface VideoFieldsProps {
  title: Signal<string>;
  description: Signal<string>;
  visibility: Signal<Visibility>;
  /** What the server found wrong, by the field's name. */
  faults?: Readonly<Record<string, string>>;
}

export function VideoFields({ title, description, visibility, faults = {} }: VideoFieldsProps) {
  const says = words.value.videos;
  return (
    <>
      <CompletingField
        name="title"
        label={says.title}
        value={title.value}
        onValue={(value) => (title.value = value)}
        most={LONGEST_TITLE}
        hint={<Tags text={`${title.value} ${description.value}`} />}
        error={faults.title}
        typing={{ placeholder: says.titleHint, autocomplete: 'off' }}
      />
      <CompletingField
        name="description"
        label={says.description}
        lines={3}
        value={description.value}
        onValue={(value) => (description.value = value)}
        most={LONGEST_DESCRIPTION}
        error={faults.description}
        typing={{ placeholder: says.descriptionHint, autocomplete: 'off' }}
      />
      <div>
        <Segments
          legend={says.whoMaySee}
          name="visibility"
          choices={VISIBILITIES}
          value={visibility.value}
          onChoose={(value) => (visibility.value = value)}
        />
        <p class="video-who">{says.whoSees[visibility.value]}</p>
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
  return tags.size ? <em class="video-tags">{[...tags].join(' ')}</em> : null;
}
