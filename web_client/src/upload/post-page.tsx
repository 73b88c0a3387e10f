/** Posting: pick or record a video, say what it is and who may see it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { me } from '../accounts/session';
import { call } from '../api/call';
import type { UploadLimits } from '../api/types';
import { PageFrame } from '../kit/page-frame';
import { go } from '../kit/router';
import { Failed } from '../kit/state';
import { tellFailure } from '../kit/toast';
import type { RecordScreen } from '../record/record-screen';
import { words } from '../words/words';
import { obstacle } from './checks';
import { Draft } from './draft';
import { FilePicker } from './file-picker';
import { inspect } from './inspect';
import { PostForm } from './post-form';
import './post.css';

export function PostPage() {
  const limits = useSignal<UploadLimits | null>(null);
  const failure = useSignal<unknown>(null);
  const load = () => {
    failure.value = null;
    call('GET', '/uploads/limits').then(
      (answer) => (limits.value = answer),
      (error: unknown) => (failure.value = error),
    );
  };
  useEffect(load, [limits, failure]);
  return (
    <PageFrame title={words.value.upload.title} backTo={ownProfile()} wide>
      {failure.value ? (
        <Failed error={failure.value} onRetry={load} />
      ) : (
        <Posting limits={limits.value} />
      )}
    </PageFrame>
  );
}

/** One picked video after the other. */
function Posting({ limits }: { limits: UploadLimits | null }) {
  const draft = useSignal<Draft | null>(null);
  const next = useSignal<readonly File[]>([]);
  const trouble = useSignal<string | null>(null);
  const busy = useSignal(false);
  /** The screen that records, while it is open; a chunk of its own. */
  const screen = useSignal<{ Screen: typeof RecordScreen } | null>(null);

  const pick = async ([file, ...others]: readonly File[]) => {
    if (!file || !limits) return;
    next.value = others;
    trouble.value = obstacle(file, limits);
    draft.value = null;
    if (trouble.value) return;
    busy.value = true;
    draft.value = new Draft({ file, ...(await inspect(file)) }, limits);
    busy.value = false;
  };
  const record = () => {
    trouble.value = limits?.remaining_today === 0 ? words.value.upload.spent : null;
    if (trouble.value) return;
    import('../record/record-screen').then(
      ({ RecordScreen: Screen }) => (screen.value = { Screen }),
      tellFailure,
    );
  };
  const recorded = (file: File) => {
    screen.value = null;
    void pick([file]);
  };
  const posted = () => {
    if (next.value.length) void pick(next.value);
    else go(ownProfile(), { replace: true });
  };

  if (screen.value && limits) {
    const { Screen } = screen.value;
    return <Screen limits={limits} onFile={recorded} onClose={() => (screen.value = null)} />;
  }
  return draft.value ? (
    <PostForm
      key={draft.value.picked.file}
      draft={draft.value}
      more={next.value.length}
      onPosted={posted}
      onOther={() => (draft.value = null)}
    />
  ) : (
    <FilePicker
      limits={limits}
      busy={busy.value}
      trouble={trouble.value}
      onPick={(files) => void pick(files)}
      onRecord={record}
    />
  );
}

function ownProfile(): string {
  return `/@${me.value?.username}`;
}
