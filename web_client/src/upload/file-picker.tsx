/** The place to pick videos, or to drop them; it tells what the server takes. */
import { useSignal } from '@preact/signals';
import type { UploadLimits } from '../api/types';
import { Icon } from '../kit/icon';
import { Busy } from '../kit/state';
import { words } from '../words/words';
import { formatsInWords, limitsInWords } from './checks';

interface FilePickerProps {
  /** Takes the focus of what was there before. */
  place: (element: HTMLElement | null) => void;
  /** Null until they are known. */
  limits: UploadLimits | null;
  /** A file is being looked into. */
  busy: boolean;
  trouble: string | null;
  onPick: (files: readonly File[]) => void;
  onRecord: () => void;
}

export function FilePicker({ place, limits, busy, trouble, onPick, onRecord }: FilePickerProps) {
  const says = words.value.upload;
  const over = useSignal(false);
  const ready = limits !== null && !busy;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    over.value = false;
    if (ready) onPick([...(event.dataTransfer?.files ?? [])]);
  };
  return (
    <div
      class={over.value ? 'picker picker-over' : 'picker'}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => (over.value = false)}
      onDrop={drop}
    >
      <span class="picker-mark">{busy ? <Busy label={says.looking} /> : <Icon name="film" />}</span>
      <h2 ref={place} tabIndex={-1}>
        {busy ? says.looking : says.choose}
      </h2>
      <p class="picker-note">{limits ? limitsInWords(limits) : says.moment}</p>
      <p class="picker-formats">{limits && formatsInWords(limits)}</p>
      <label class="button button-main picker-button" data-off={ready ? undefined : ''}>
        {says.fromDevice}
        <input
          type="file"
          multiple
          accept={['video/*', ...(limits?.accepted_types ?? [])].join(',')}
          disabled={!ready}
          onChange={({ currentTarget }) => {
            const files = [...(currentTarget.files ?? [])];
            currentTarget.value = '';
            onPick(files);
          }}
        />
      </label>
      <button class="button picker-record" disabled={!ready} onClick={onRecord}>
        <Icon name="camera" />
        {says.record}
      </button>
      <p class="picker-drop">{says.drop}</p>
      <p class="picker-trouble" role="alert">
        {trouble}
      </p>
    </div>
  );
}
