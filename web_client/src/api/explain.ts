/** Failures in words that say what to do next. */
import { words } from '../words/words';
import { Problem, UNKNOWN, Unreachable } from './problem';

/** One sentence for a person, for whatever was thrown. */
export function explain(error: unknown): string {
  const { unreachable, ours, byCode } = words.value.failures;
  if (error instanceof Unreachable) return unreachable;
  if (!(error instanceof Problem)) return ours;
  const known: Readonly<Record<string, string>> = byCode;
  // What is no problem document comes from in between, and says nothing to a person.
  return known[error.code] ?? (error.code === UNKNOWN ? ours : error.message);
}
