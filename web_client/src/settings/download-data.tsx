/** All that is kept of one, as a file. */
import { useSignal } from '@preact/signals';
import { call } from '../api/call';
import { tell, tellFailure } from '../kit/toast';
import { words } from '../words/words';
import { Row } from './row';

/** Of somebody with many thousands of comments. */
const WITHIN_MS = 300_000;
const FILE = 'reelwire-export.json';

export function DownloadData() {
  const says = words.value.settings;
  const busy = useSignal(false);
  const download = () => {
    busy.value = true;
    // Read as JSON: a file that breaks off is none, and is not handed out as one.
    call('GET', '/me/export', { repeatable: false, withinMs: WITHIN_MS })
      .then((data) => {
        save(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }));
        tell(says.downloaded);
      })
      .catch(tellFailure)
      .finally(() => {
        busy.value = false;
      });
  };
  return (
    <Row
      icon="download"
      label={busy.value ? says.gathering : says.download}
      note={says.downloadMeans}
      off={busy.value}
      onClick={download}
    />
  );
}

function save(blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = FILE;
  link.click();
  URL.revokeObjectURL(link.href);
}
