/** Whether little is to be fetched: what the person chose here, else what the system says; and what the browser believes of the network. */
import { computed, signal } from '@preact/signals';
import { connection, keepSaving, keptSaving, networkNow, systemSaves } from './connection';

const told = signal(facts());
connection?.addEventListener('change', () => {
  told.value = facts();
});

const chosen = signal(keptSaving());
// Another tab's choice holds here as well.
addEventListener('storage', () => {
  chosen.value = keptSaving();
});

/** One small MP4 for each video, and only posters ahead of it. */
export const dataSaver = computed(() => chosen.value ?? told.value.saves);

/** The person's word, kept in this browser. */
export function setDataSaver(on: boolean): void {
  chosen.value = on;
  keepSaving(on);
}

export const network = computed(() => told.value.network);

function facts() {
  return { saves: systemSaves(), network: networkNow() };
}
