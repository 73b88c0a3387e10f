/** Several files that were picked at once: which one is next, and what is said of those that cannot be posted. */
import type { UploadLimits } from '../api/types';
import { language } from '../words/language';
import { words } from '../words/words';
import { obstacle } from './checks';

export interface Picks {
  /** The next that can be posted; null where none can. */
  file: File | null;
  /** Those after it, as they were picked. */
  others: readonly File[];
  /** Which ones before it are left out, and why; null where none is. */
  trouble: string | null;
}

/** `named`: it is said which files are left out, which is plain of a single one that was picked just now. */
export function nextOf(
  files: readonly File[],
  limits: UploadLimits,
  named = files.length > 1,
): Picks {
  const at = files.findIndex((file) => obstacle(file, limits) === null);
  const out = at < 0 ? files : files.slice(0, at);
  return {
    file: files[at] ?? null,
    others: at < 0 ? [] : files.slice(at + 1),
    trouble: out.length ? troubleOf(out, limits, named) : null,
  };
}

/** What is left of the day once those are there that the server has not heard of yet. */
export function withUnheard(limits: UploadLimits, unheard: number): UploadLimits {
  const { remaining_today: left } = limits;
  return left === null ? limits : { ...limits, remaining_today: Math.max(0, left - unheard) };
}

function troubleOf(out: readonly File[], limits: UploadLimits, named: boolean): string {
  const byReason = new Map<string, string[]>();
  for (const file of out) {
    const why = obstacle(file, limits) ?? '';
    byReason.set(why, [...(byReason.get(why) ?? []), file.name]);
  }
  const list = new Intl.ListFormat(language.value);
  return [...byReason]
    .map(([why, names]) => (named ? words.value.upload.leftOut(list.format(names), why) : why))
    .join(' ');
}
