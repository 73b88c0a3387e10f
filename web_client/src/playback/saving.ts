/** Whether little is to be fetched: what the person chose here, else what the system says; and what the browser believes of the network. */
import { computed, signal } from '@preact/signals';
import { keepSaving } from './bandwidth';

const KEPT = 'reelwire.data-saver';

/** What Chromium tells; other browsers tell nothing. */
interface NetworkInformation extends EventTarget {
  saveData?: boolean;
  effectiveType?: string;
}

export type Network = 'slow' | 'fast' | 'unknown';

const { connection } = navigator as { connection?: NetworkInformation };
const told = signal(facts());
connection?.addEventListener('change', () => {
  told.value = facts();
});

const chosen = signal(localStorage.getItem(KEPT));

/** One small MP4 for each video, and only posters ahead of it. */
export const dataSaver = computed(() =>
  chosen.value === null ? told.value.saves : chosen.value === 'on',
);

dataSaver.subscribe(keepSaving);

/** The person's word, kept in this browser. */
export function setDataSaver(on: boolean): void {
  chosen.value = on ? 'on' : 'off';
  localStorage.setItem(KEPT, chosen.value);
}

/** 3g and less is slow. */
export const network = computed(() => told.value.network);

function facts(): { saves: boolean; network: Network } {
  const type = connection?.effectiveType;
  return {
    saves: connection?.saveData ?? false,
    network: type === undefined ? 'unknown' : type === '4g' ? 'fast' : 'slow',
  };
}
