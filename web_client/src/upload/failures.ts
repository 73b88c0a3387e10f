/** Why a video could not be made playable, in words that say what to do, and whether sending it again may help. */
import { words } from '../words/words';

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
