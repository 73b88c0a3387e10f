/** Posting: pick a video, say what it is and who may see it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { me } from '../accounts/session';
import { call } from '../api/call';
import type { UploadLimits } from '../api/types';
import { PageFrame } from '../kit/page-frame';
import { Failed } from '../kit/state';
import { type Inspection, inspect } from './inspect';
import { FilePicker } from './file-picker';
import { limitsInWords, obstacle } from './checks';
import { PostForm } from './post-form';
import './post.css';

export interface Picked extends Inspection {
  file: File;
}

export function PostPage() {
  const limits = useSignal<UploadLimits | null>(null);
  const failure = useSignal<unknown>(null);
  const picked = useSignal<Picked | null>(null);
  const trouble = useSignal<string | null>(null);

  const load = () => {
    failure.value = null;
    call('GET', '/uploads/limits').then(
      (answer) => (limits.value = answer),
      (error: unknown) => (failure.value = error),
    );
  };
  useEffect(load, [limits, failure]);

  const pick = async (file: File) => {
    const told = limits.value;
    if (!told) return;
    const { name, type, size } = file;
    trouble.value = obstacle({ name, type, size, durationMs: null }, told);
    if (trouble.value) return;
    const inspection = await inspect(file);
    trouble.value = obstacle({ name, type, size, durationMs: inspection.durationMs }, told);
    picked.value = trouble.value ? null : { file, ...inspection };
  };

  return (
    <PageFrame title="Post a video" backTo={`/@${me.value?.username}`} wide>
      {failure.value ? (
        <Failed error={failure.value} onRetry={load} />
      ) : picked.value ? (
        <PostForm picked={picked.value} onOther={() => (picked.value = null)} />
      ) : (
        <FilePicker
          ready={limits.value !== null}
          note={limits.value ? limitsInWords(limits.value) : ''}
          trouble={trouble.value}
          accept={['video/*', ...(limits.value?.accepted_types ?? [])].join(',')}
          onPick={(file) => void pick(file)}
        />
      )}
    </PageFrame>
  );
}
