/** The screen that records: the camera's picture over all of it, few things on top. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { UploadLimits } from '../api/types';
import { Icon } from '../kit/icon';
import { clock } from '../kit/numbers';
import { Busy, Empty } from '../kit/state';
import { useModal } from '../kit/use-modal';
import { words } from '../words/words';
import { Controls } from './controls';
import { Recorder } from './recorder';
import './record.css';

interface RecordScreenProps {
  limits: UploadLimits;
  onFile: (file: File) => void;
  onClose: () => void;
}

export function RecordScreen({ limits, onFile, onClose }: RecordScreenProps) {
  const says = words.value.record;
  const dialog = useRef<HTMLDialogElement>(null);
  const recorder = useRecorder(limits, onFile, onClose);
  const leaving = useSignal(false);
  useModal(dialog);
  const leave = () => {
    recorder.hidden();
    if (recorder.stage.value.name === 'paused' && !leaving.value) leaving.value = true;
    else onClose();
  };
  const stage = recorder.stage.value;
  return (
    <dialog
      ref={dialog}
      class="record"
      aria-label={says.title}
      onCancel={(event) => {
        event.preventDefault();
        leave();
      }}
    >
      <Picture recorder={recorder} />
      <button class="record-round record-close" aria-label={says.close} onClick={leave}>
        <Icon name="close" />
      </button>
      <Time recorder={recorder} />
      {stage.name === 'counting' && (
        <p class="record-count" role="status" key={stage.left}>
          {stage.left}
        </p>
      )}
      {(stage.name === 'asking' || stage.name === 'finishing') && (
        <p class="record-wait">
          <Busy label={stage.name === 'asking' ? says.asking : says.finishing} />
          <span>{stage.name === 'asking' ? says.asking : says.finishing}</span>
        </p>
      )}
      {stage.name === 'refused' ? (
        <div class="record-refused">
          <Empty
            icon="camera"
            title={says.refusedTitle}
            actions={
              <button class="button button-main" onClick={() => void recorder.open()}>
                {says.again}
              </button>
            }
          >
            {says.refused[stage.why]}
          </Empty>
        </div>
      ) : leaving.value ? (
        <Leaving onDiscard={onClose} onKeep={() => (leaving.value = false)} />
      ) : (
        <Controls recorder={recorder} />
      )}
    </dialog>
  );
}

/** Has the camera for as long as the screen is there. */
function useRecorder(
  limits: UploadLimits,
  onFile: (file: File) => void,
  onClose: () => void,
): Recorder {
  const told = useRef({ onFile, onClose });
  told.current = { onFile, onClose };
  const recorder = useMemo(
    () => new Recorder(limits, (file) => told.current.onFile(file)),
    [limits],
  );
  useEffect(() => {
    void recorder.open();
    const ears = new AbortController();
    const { signal } = ears;
    const seen = () => document.hidden && recorder.hidden();
    document.addEventListener('visibilitychange', seen, { signal });
    // Whoever comes back to a page that the browser kept finds it without the camera.
    const left = () => {
      recorder.close();
      told.current.onClose();
    };
    addEventListener('pagehide', left, { signal });
    return () => {
      ears.abort();
      recorder.close();
    };
  }, [recorder]);
  return recorder;
}

/** What the camera sees; one's own face as in a mirror. */
function Picture({ recorder }: { recorder: Recorder }) {
  const video = useRef<HTMLVideoElement>(null);
  const stream = recorder.stream.value;
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  const mirrored = recorder.facing.value === 'user';
  return (
    <video
      ref={video}
      class={mirrored ? 'record-picture record-mirror' : 'record-picture'}
      muted
      autoplay
      playsInline
      disablePictureInPicture
      aria-hidden="true"
    />
  );
}

/** How long it is by now, and how long it may get. */
function Time({ recorder }: { recorder: Recorder }) {
  const says = words.value.record;
  const { name } = recorder.stage.value;
  if (name !== 'recording' && name !== 'paused') return null;
  const elapsed = recorder.elapsedMs.value;
  const whole = Math.floor(elapsed / 1000) * 1000;
  return (
    <div class={`record-time record-time-${name}`}>
      <p>
        <i aria-hidden="true" />
        <span class="only-heard" role="status">
          {says[name]}
        </span>
        {says.of(clock(whole), clock(recorder.mostMs))}
      </p>
      <div class="record-bar" aria-hidden="true">
        <i style={{ scale: `${Math.min(1, elapsed / recorder.mostMs)} 1` }} />
      </div>
    </div>
  );
}

function Leaving({ onDiscard, onKeep }: { onDiscard: () => void; onKeep: () => void }) {
  const says = words.value.record;
  return (
    <div class="record-leaving" role="group" aria-label={says.discardTitle}>
      <h2>{says.discardTitle}</h2>
      <button class="button" onClick={onDiscard}>
        <Icon name="trash" />
        {says.discard}
      </button>
      <button class="button button-main" autofocus onClick={onKeep}>
        {says.keep}
      </button>
    </div>
  );
}
