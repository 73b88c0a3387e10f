/** Why a video could not be sent or made playable, in words that say what to do, and whether sending it again may help. */
import { explain } from '../api/explain';
import { Unreachable } from '../api/problem';
import { Uncuttable } from '../trim/cutting';
import { words } from '../words/words';
import type { Step } from './step';

/** For these the server tries the same bytes once more (the codes of media/errors.py that pass). */
const MAY_PASS: readonly string[] = ['timed_out', 'internal'];

export interface Failure {
  words: string;
  again: boolean;
}

export function failureOf(code = 'internal'): Failure {
  const said: Readonly<Record<string, string>> = words.value.upload.failures;
  const known = said[code];
  return known
    ? { words: known, again: MAY_PASS.includes(code) }
    : { words: words.value.upload.failures.internal, again: true };
}

/** How far it is once something went wrong with the sending. */
export function stepAfter(error: unknown): Step {
  if (error instanceof Uncuttable)
    return { name: 'failed', words: words.value.upload.cutFailed, again: false };
  if (error instanceof Unreachable && !navigator.onLine) return { name: 'offline' };
  return { name: 'stuck', words: explain(error) };
}
