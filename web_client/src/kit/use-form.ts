/** The states of a form: what is wrong with which field, whether it is on its way, why it failed. */
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { explain } from '../api/explain';

type Faults = Readonly<Record<string, string>>;

/** Fields that say that they are wrong, and those of a group that says so. */
const WRONG =
  ':is(input, textarea)[aria-invalid="true"], [role="radiogroup"][aria-invalid="true"] input';

export function useForm(send: () => Promise<void>, faultsOf: (error: unknown) => Faults) {
  const faults = useSignal<Faults>({});
  const failure = useSignal<string | null>(null);
  const busy = useSignal(false);
  const form = useRef<HTMLFormElement | null>(null);

  // Once the fields say so: the focus goes to the first that is wrong.
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>(WRONG)?.focus(), [faults.value]);

  /** Sends what the form of the event holds, unless there are slips already. */
  const submit = (event: SubmitEvent, slips: Faults = {}) => {
    event.preventDefault();
    if (busy.value) return;
    form.current = event.currentTarget as HTMLFormElement;
    faults.value = slips;
    failure.value = null;
    if (Object.keys(slips).length) return;
    busy.value = true;
    send()
      .catch((error: unknown) => {
        faults.value = faultsOf(error);
        if (Object.keys(faults.value).length === 0) failure.value = explain(error);
      })
      .finally(() => {
        busy.value = false;
      });
  };
  return { faults: faults.value, failure: failure.value, busy: busy.value, submit };
}
