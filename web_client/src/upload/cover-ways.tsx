/** Choosing the cover: a frame that lies on the strip, and below it a picture from this device. */
import { useSignal } from '@preact/signals';
import { Icon } from '../kit/icon';
import { fitting, NoPicture } from '../kit/photo';
import { Handle } from '../trim/handle';
import { words } from '../words/words';
import { COVER_EDGE } from './cover';
import type { Draft } from './draft';

export function CoverWays({ draft }: { draft: Draft }) {
  const says = words.value.upload;
  const trouble = useSignal<string | null>(null);
  const { cover } = draft;
  const take = async (file: File) => {
    trouble.value = null;
    try {
      cover.value = { picture: await fitting(file, COVER_EDGE) };
    } catch (error) {
      if (!(error instanceof NoPicture)) throw error;
      trouble.value = says.coverBad;
    }
  };
  return (
    <div class="cover">
      <p class="strip-note" role="status">
        <span>{noteFor(draft)}</span>
      </p>
      {trouble.value && (
        <p class="picker-trouble" role="alert">
          {trouble.value}
        </p>
      )}
      <div class="cover-ways">
        <label class="button button-slim cover-pick">
          <Icon name="picture" />
          {says.coverPicture}
          <input
            type="file"
            accept="image/*"
            onChange={({ currentTarget }) => {
              const [file] = currentTarget.files ?? [];
              currentTarget.value = '';
              if (file) void take(file);
            }}
          />
        </label>
        {cover.value && (
          <button type="button" class="button button-slim" onClick={() => (cover.value = null)}>
            {says.coverBack}
          </button>
        )}
      </div>
    </div>
  );
}

/** The frame that is moved; in the middle of what is posted, and dashed, until somebody moves it: it chooses nothing then. */
export function CoverFrame({ draft: { cover, range, bounds } }: { draft: Draft }) {
  const part = range.value;
  if (!bounds || !part) return null;
  const chosen = cover.value && 'at_ms' in cover.value ? cover.value.at_ms : null;
  return (
    <Handle
      look={chosen === null ? 'unmoved-frame' : 'frame'}
      label={words.value.upload.coverFrame}
      valueMs={chosen ?? (part.startMs + part.endMs) / 2}
      durationMs={bounds.durationMs}
      onMove={(to) => {
        const at_ms = Math.round(Math.max(part.startMs, Math.min(to, part.endMs)));
        cover.value = { at_ms };
      }}
      onRest={() => undefined}
    />
  );
}

function noteFor({ cover, bounds }: Draft): string {
  const says = words.value.upload;
  if (cover.value && 'picture' in cover.value) return says.coverOwn;
  if (!bounds) return says.coverUnseen;
  return cover.value ? says.coverHint : `${says.coverHint} ${says.coverAuto}`;
}
