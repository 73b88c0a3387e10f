/** What can be wrong with a video, in the order in which it is offered. */
import type { NewReport } from '../api/types';

export type Reason = NewReport['reason'];

export const REASONS: readonly Reason[] = [
  'spam',
  'sexual',
  'violence',
  'hate',
  'harassment',
  'copyright',
  'other',
];

/** Code points of what one says about it oneself. */
export const LONGEST_DETAIL = 1000;
