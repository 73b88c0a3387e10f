/** The card of an upload: what is happening, how far it is, what one can do. */
import { useEffect, useMemo } from 'preact/hooks';
import { Icon } from '../kit/icon';
import { size, sizeOf, timeLeft } from '../kit/numbers';
import { tell } from '../kit/toast';
import type { Step, Upload } from './upload';
import { dismiss } from './uploads';
import './upload-card.css';

export function UploadCard({ upload }: { upload: Upload }) {
  const step = upload.step.value;
  const { done, what, note } = wordsFor(step, upload.size);
  const over = done === null;
  return (
    <li class={step.name === 'failed' ? 'upload upload-failed' : 'upload'}>
      <Picture blob={upload.picture} />
      <div class="upload-words">
        <b class="upload-title">{upload.title}</b>
        {!over && (
          <div
            class="meter"
            role="progressbar"
            aria-label={what}
            aria-valuenow={Math.round(done * 100)}
          >
            <i style={{ scale: `${done} 1` }} />
          </div>
        )}
        <p role="status">{what}</p>
        {note && <p class="upload-note">{note}</p>}
        <Actions upload={upload} step={step} />
      </div>
      <button
        class="round-button upload-close"
        aria-label={over || upload.videoId ? 'Dismiss' : `Cancel posting ${upload.title}`}
        onClick={() => void dismiss(upload)}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}

interface Words {
  /** 0..1, or null when it is over. */
  done: number | null;
  what: string;
  note?: string;
}

const GOES_ON = 'Keeps going if you leave or lose the network';
/** Sending fills the first part of the bar, making it playable the rest. */
const SENDING_SHARE = 0.7;

function wordsFor(step: Step, bytes: number): Words {
  switch (step.name) {
    case 'starting':
      return { done: 0, what: 'Starting …', note: GOES_ON };
    case 'sending': {
      const { sent, bytesPerSecond } = step;
      const left = timeLeft(bytes - sent, bytesPerSecond);
      return {
        done: (sent / bytes) * SENDING_SHARE,
        what: [sizeOf(sent, bytes), left].filter(Boolean).join(' · '),
        note: left ? `${size(bytesPerSecond)}/s · ${GOES_ON}` : GOES_ON,
      };
    }
    case 'processing':
      return {
        done: SENDING_SHARE + step.progress * (1 - SENDING_SHARE),
        what: `Uploaded ${size(bytes)} · making it playable`,
        note: 'You can leave; it goes on without you',
      };
    case 'offline':
      return { done: 0, what: 'You are offline', note: 'It goes on by itself when you are back' };
    case 'stuck':
      return { done: 0, what: step.words };
    case 'needs-file':
      return { done: 0, what: 'Pick the same file again and it goes on where it was' };
    case 'playable':
      return { done: null, what: 'It plays. Finer pictures follow.' };
    case 'ready':
      return { done: null, what: 'Done. It plays everywhere.' };
    case 'duplicate':
      return { done: null, what: 'You have posted this video before. Here it is.' };
    case 'failed':
      return { done: null, what: step.words };
  }
}

function Actions({ upload, step }: { upload: Upload; step: Step }) {
  if (step.name === 'needs-file') return <RefillButton upload={upload} />;
  if (step.name === 'stuck') {
    return (
      <button class="button button-slim" onClick={() => upload.again()}>
        <Icon name="retry" />
        Try again
      </button>
    );
  }
  const watchable = step.name === 'playable' || step.name === 'ready' || step.name === 'duplicate';
  if (!watchable || !upload.videoId) return null;
  return (
    <a class="button button-main button-slim" href={`/videos/${upload.videoId}`}>
      Watch
    </a>
  );
}

function RefillButton({ upload }: { upload: Upload }) {
  return (
    <label class="button button-main button-slim upload-refill">
      Pick the file
      <input
        type="file"
        accept="video/*"
        onChange={({ currentTarget: { files } }) => {
          const wrong = files?.[0] && upload.refill(files[0]);
          if (wrong) tell(wrong);
        }}
      />
    </label>
  );
}

function Picture({ blob }: { blob: Blob | null }) {
  const url = useMemo(() => (blob ? URL.createObjectURL(blob) : null), [blob]);
  useEffect(
    () => () => {
      if (url) URL.revokeObjectURL(url);
    },
    [url],
  );
  return (
    <span class="upload-picture">{url ? <img src={url} alt="" /> : <Icon name="film" />}</span>
  );
}
