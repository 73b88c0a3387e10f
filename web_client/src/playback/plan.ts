/** How far ahead to fetch, as the newest page of a feed says it. */
import { signal } from '@preact/signals';

/** So many videos, and so many bytes in all. */
export interface Plan {
  items: number;
  bytes: number;
}

/** Before any feed has said something: the next one, modestly. */
const CAUTIOUS: Plan = { items: 1, bytes: 500_000 };

export const plan = signal(CAUTIOUS);

/** Takes over what a page said; other lists say nothing. */
export function keepPlan(told: Plan | undefined): void {
  if (told) plan.value = told;
}
