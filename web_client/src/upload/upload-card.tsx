/** The cards of uploads: what is happening, how far it is, what one can do. */
import { useBlobUrl } from '../kit/blob-url';
import { Icon, type IconName } from '../kit/icon';
import { tell } from '../kit/toast';
import { useHeldFocus } from '../kit/use-caught-focus';
import { words } from '../words/words';
import { sayingOf } from './saying';
import { isUnderWay } from './step';
import type { Upload } from './upload';
import { dismiss, uploads } from './uploads';
import './upload-card.css';

/** Of all uploads, as long as there are any. */
export function UploadCards() {
  const place = useHeldFocus<HTMLUListElement>();
  if (uploads.value.length === 0) return null;
  return (
    <ul ref={place} class="uploads" tabIndex={-1} aria-label={words.value.profile.beingPosted}>
      {uploads.value.map((upload) => (
        <UploadCard key={upload.key} upload={upload} />
      ))}
    </ul>
  );
}

function UploadCard({ upload }: { upload: Upload }) {
  const says = words.value.upload;
  const step = upload.step.value;
  const place = useHeldFocus<HTMLLIElement>();
  const { done, what, heard, note } = sayingOf(step, upload.size);
  const loses = isUnderWay(step) && !upload.videoId;
  return (
    <li ref={place} tabIndex={-1} class={`upload upload-${step.name}`}>
      <Picture blob={upload.picture} />
      <div class="upload-words">
        <b class="upload-title">
          <bdi>{upload.title}</bdi>
        </b>
        {done !== null && (
          <div
            class="meter"
            role="progressbar"
            aria-label={upload.title}
            aria-valuenow={Math.round(done * 100)}
          >
            <i style={{ scale: `${done} 1` }} />
          </div>
        )}
        <p aria-hidden={what === heard}>{what}</p>
        <p class="only-heard" role="status">
          {heard}
        </p>
        {note && <p class="upload-note">{note}</p>}
        <Actions upload={upload} />
      </div>
      <button
        class="round-button upload-close"
        aria-label={loses ? says.cancel(upload.title) : says.dismiss}
        onClick={() => void dismiss(upload)}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}

/** What one can do about it now, if anything. */
function Actions({ upload }: { upload: Upload }) {
  const says = words.value.upload;
  const step = upload.step.value;
  switch (step.name) {
    case 'starting':
    case 'cutting':
    case 'sending':
    case 'waiting':
      return <Act icon="pause" name={says.hold} act={() => upload.hold()} />;
    case 'paused':
      return <Act icon="play" name={says.goOn} act={() => upload.goOn()} />;
    case 'stuck':
      return <Act icon="retry" name={says.again} act={() => upload.again()} />;
    case 'needs-file':
      return <RefillButton upload={upload} />;
    case 'failed':
      return step.again ? (
        <Act icon="retry" name={says.again} act={() => upload.sendAgain()} />
      ) : (
        <a class="button button-slim" href="/post">
          {says.another}
        </a>
      );
    case 'playable':
    case 'ready':
    case 'duplicate':
      return upload.videoId ? (
        <a class="button button-main button-slim" href={`/videos/${upload.videoId}`}>
          {says.watch}
        </a>
      ) : null;
    default:
      return null;
  }
}

function Act({ icon, name, act }: { icon: IconName; name: string; act: () => void }) {
  return (
    <button class="button button-slim" onClick={act}>
      <Icon name={icon} />
      {name}
    </button>
  );
}

function RefillButton({ upload }: { upload: Upload }) {
  return (
    <label class="button button-main button-slim upload-refill">
      {words.value.upload.pickFile}
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
  const url = useBlobUrl(blob);
  return (
    <span class="upload-picture">{url ? <img src={url} alt="" /> : <Icon name="film" />}</span>
  );
}
