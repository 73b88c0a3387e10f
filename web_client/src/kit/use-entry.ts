/** The states of a form: what is wrong with which field, whether it is on its way, why it failed. */
import { useSignal } from '@preact/signals';
import { explain } from '../api/explain';

type Faults = Readonly<Record<string, string>>;

export function useEntry(send: () => Promise<void>, faultsOf: (error: unknown) => Faults) {
  const faults = useSignal<Faults>({});
  const failure = useSignal<string | null>(null);
  const busy = useSignal(false);

  /** Sends, unless there are slips already; puts the focus on the first field that is wrong. */
  const submit = (slips: Faults = {}) => {
    faults.value = slips;
    failure.value = null;
    if (Object.keys(slips).length) {
      focusFirst(slips);
      return;
    }
    busy.value = true;
    send()
      .catch((error: unknown) => {
        faults.value = faultsOf(error);
        if (Object.keys(faults.value).length) focusFirst(faults.value);
        else failure.value = explain(error);
      })
      .finally(() => {
        busy.value = false;
      });
  };
  return { faults: faults.value, failure: failure.value, busy: busy.value, submit };
}

function focusFirst(faults: Faults): void {
  const [first] = Object.keys(faults);
  if (first) document.getElementById(first)?.focus();
}
