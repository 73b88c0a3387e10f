/** All that is kept of one, as a file. */
import { useSignal } from '@preact/signals';
import { call } from '../api/call';
import { tell, tellFailure } from '../kit/toast';

/** Of somebody with many thousands of comments. */
const WITHIN_MS = 300_000;
const FILE = 'reelwire-export.json';

export function DownloadData() {
  const busy = useSignal(false);
  const download = () => {
    busy.value = true;
    // Read as JSON: a file that breaks off is none, and is not handed out as one.
    call('GET', '/me/export', { repeatable: false, withinMs: WITHIN_MS })
      .then((data) => {
        save(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }));
        tell('Your data is downloaded');
      })
      .catch(tellFailure)
      .finally(() => {
        busy.value = false;
      });
  };
  return (
    <section class="settings-part">
      <button class="button button-wide" disabled={busy.value} onClick={download}>
        {busy.value ? 'Gathering …' : 'Download my data'}
      </button>
      <p class="settings-note">
        All that is kept of you, from videos to views and notifications, as a file.
      </p>
    </section>
  );
}

function save(blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = FILE;
  link.click();
  URL.revokeObjectURL(link.href);
}
