/** Reporting a video: what is wrong, perhaps in one's own words; then thanks, and blocking its author as well. */
import { useSignal } from '@preact/signals';
import { useForm } from '../kit/use-form';
import { call } from '../api/call';
import { Problem } from '../api/problem';
import type { Video } from '../api/types';
import { suggested } from '../feed/suggested';
import { Button } from '../kit/button';
import { Field } from '../kit/field';
import { freshKey } from '../kit/keys';
import { trimmed } from '../kit/text';
import { words } from '../words/words';
import { blockAuthor } from './block-author';
import { closeClipMenu, thankFor } from './open';
import { LONGEST_DETAIL, type Reason, REASONS } from './reasons';

export function ReportForm({ video }: { video: Video }) {
  const says = words.value.moderation;
  const reason = useSignal<Reason | null>(null);
  const detail = useSignal('');
  const form = useForm(
    async () => {
      if (!reason.value) return;
      await call('POST', '/videos/{id}/reports', {
        path: { id: video.id },
        body: { reason: reason.value, detail: trimmed(detail.value) || null },
        idempotencyKey: freshKey(),
      });
      thankFor(video.id);
      suggested.remove(video.id);
    },
    (error) => (error instanceof Problem ? error.fields : {}),
  );
  return (
    <form
      class="report"
      noValidate
      onSubmit={(event) => form.submit(event, reason.value ? {} : { reason: says.pickReason })}
    >
      <fieldset
        class="report-reasons"
        role="radiogroup"
        aria-invalid={form.faults.reason ? true : undefined}
      >
        <legend>{says.reasonLegend}</legend>
        {REASONS.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="reason"
              checked={reason.value === one}
              onChange={() => (reason.value = one)}
            />
            <span>{says.reasons[one]}</span>
          </label>
        ))}
      </fieldset>
      <Field
        name="detail"
        label={says.detail}
        lines={2}
        value={detail.value}
        onValue={(value) => (detail.value = value)}
        most={LONGEST_DETAIL}
        error={form.faults.detail}
      />
      {(form.failure ?? form.faults.reason) && (
        <p role="alert">{form.failure ?? form.faults.reason}</p>
      )}
      <Button class="button button-main button-wide" off={form.busy}>
        {says.sendReport}
      </Button>
    </form>
  );
}

export function Thanks({ video }: { video: Video }) {
  const says = words.value.moderation;
  const { username } = video.author;
  return (
    <div class="report-thanks" role="status">
      <p>{says.thanksWords(username)}</p>
      <button
        class="button button-wide"
        onClick={() => {
          closeClipMenu();
          void blockAuthor(video);
        }}
      >
        {says.alsoBlock(username)}
      </button>
      <button class="button button-main button-wide" onClick={closeClipMenu}>
        {says.done}
      </button>
    </div>
  );
}
