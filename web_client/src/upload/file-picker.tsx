/** The place to pick a video, or to drop one. */
import { useSignal } from '@preact/signals';
import { Icon } from '../kit/icon';

interface FilePickerProps {
  ready: boolean;
  note: string;
  trouble: string | null;
  accept: string;
  onPick: (file: File) => void;
}

export function FilePicker({ ready, note, trouble, accept, onPick }: FilePickerProps) {
  const over = useSignal(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    over.value = false;
    const [file] = event.dataTransfer?.files ?? [];
    if (file) onPick(file);
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
      <span class="picker-mark">
        <Icon name="film" />
      </span>
      <h2>Choose a video</h2>
      <p class="picker-note">{note || 'One moment …'}</p>
      <label class="button button-main picker-button">
        Choose from this device
        <input
          type="file"
          accept={accept}
          disabled={!ready}
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            currentTarget.value = '';
            if (file) onPick(file);
          }}
        />
      </label>
      <p class="picker-drop">or drop it here</p>
      <p class="picker-trouble" role="alert">
        {trouble}
      </p>
    </div>
  );
}
