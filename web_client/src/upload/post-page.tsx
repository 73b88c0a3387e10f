/** Posting: pick or record a video, say what it is and who may see it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { me } from '../accounts/session';
import { call } from '../api/call';
import type { UploadLimits } from '../api/types';
import { imported } from '../kit/imported';
import { PageFrame } from '../kit/page-frame';
import { go } from '../kit/router';
import { Failed } from '../kit/state';
import { tellFailure } from '../kit/toast';
import { useCaughtFocus } from '../kit/use-caught-focus';
import type { RecordScreen } from '../record/record-screen';
import { words } from '../words/words';
import { Draft } from './draft';
import { FilePicker } from './file-picker';
import { inspect } from './inspect';
import { nextOf, withUnheard } from './picks';
import { PostForm } from './post-form';
import { uploads } from './uploads';
import './post.css';

export function PostPage() {
  const limits = useSignal<UploadLimits | null>(null);
  const failure = useSignal<unknown>(null);
  const load = () => {
    failure.value = null;
    fetchLimits().then(
      (answer) => (limits.value = answer),
      (error: unknown) => (failure.value = error),
    );
  };
  /** As they are after a post; as they were where nothing answers. */
  const renew = async (known: UploadLimits) => {
    limits.value = await fetchLimits().catch(() => known);
    return limits.value;
  };
  useEffect(load, [limits, failure]);
  return (
    <PageFrame title={words.value.upload.title} backTo={ownProfile()} wide>
      {failure.value ? (
        <Failed error={failure.value} onRetry={load} />
      ) : (
        <Posting limits={limits.value} renew={renew} />
      )}
    </PageFrame>
  );
}

/** What the server takes today, without what is on its way there. */
async function fetchLimits(): Promise<UploadLimits> {
  const answer = await call('GET', '/uploads/limits');
  return withUnheard(answer, uploads.value.filter((upload) => !upload.isBegun).length);
}

interface PostingProps {
  limits: UploadLimits | null;
  renew: (known: UploadLimits) => Promise<UploadLimits>;
}

/** One picked video after the other. */
function Posting({ limits, renew }: PostingProps) {
  const draft = useSignal<Draft | null>(null);
  const next = useSignal<readonly File[]>([]);
  const trouble = useSignal<string | null>(null);
  const busy = useSignal(false);
  /** The screen that records, while it is open; a chunk of its own. */
  const screen = useSignal<{ Screen: typeof RecordScreen } | null>(null);
  const place = useCaughtFocus(draft.value);

  const pick = async (files: readonly File[], known = limits, named = files.length > 1) => {
    if (files.length === 0 || !known) return;
    const { file, others, trouble: why } = nextOf(files, known, named);
    next.value = others;
    trouble.value = why;
    draft.value = null;
    if (!file) return;
    busy.value = true;
    draft.value = new Draft({ file, ...(await inspect(file)) }, known);
    busy.value = false;
  };
  const record = () => {
    trouble.value = limits?.remaining_today === 0 ? words.value.upload.spent : null;
    if (trouble.value) return;
    imported('record', () => import('../record/record-screen')).then(({ RecordScreen: Screen }) => {
      // Meanwhile a file may have been picked.
      if (!draft.peek() && !busy.peek()) screen.value = { Screen };
    }, tellFailure);
  };
  const recorded = (file: File) => {
    screen.value = null;
    void pick([file]);
  };
  const posted = async () => {
    if (!next.value.length || !limits) {
      go(ownProfile(), { replace: true });
      return;
    }
    busy.value = true;
    draft.value = null;
    await pick(next.value, await renew(limits), true);
    busy.value = false;
  };

  return draft.value ? (
    <PostForm
      key={draft.value.picked.file}
      place={place}
      draft={draft.value}
      more={next.value.length}
      leftOut={trouble.value}
      onPosted={() => void posted()}
      onOther={() => (draft.value = null)}
    />
  ) : (
    <>
      <FilePicker
        place={place}
        limits={limits}
        busy={busy.value}
        trouble={trouble.value}
        onPick={(files) => void pick(files)}
        onRecord={record}
      />
      {screen.value && limits && (
        <screen.value.Screen
          limits={limits}
          onFile={recorded}
          onClose={() => (screen.value = null)}
        />
      )}
    </>
  );
}

function ownProfile(): string {
  return `/@${me.value?.username}`;
}
