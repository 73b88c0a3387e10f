/** Whether the server would take a file, told before a byte is sent. */
import type { UploadLimits } from '../api/types';
import { clock, size } from '../kit/numbers';
import { language } from '../words/language';
import { words } from '../words/words';

export interface Candidate {
  type: string;
  size: number;
}

/** What stands in the way, in words that say what to do; null when nothing does. */
export function obstacle(file: Candidate, limits: UploadLimits): string | null {
  const says = words.value.upload;
  if (limits.remaining_today === 0) return says.spent;
  if (file.size === 0) return says.empty;
  if (!accepted(file.type, limits.accepted_types)) return says.noVideo;
  if (file.size > limits.max_bytes) return says.tooLarge(size(file.size), size(limits.max_bytes));
  return null;
}

/** The same of what is left of it after trimming; null too for what this browser cannot play: the server will tell. */
export function lengthObstacle(durationMs: number | null, limits: UploadLimits): string | null {
  if (durationMs === null || durationMs <= limits.max_duration_ms) return null;
  return words.value.upload.tooLong(clock(durationMs), clock(limits.max_duration_ms));
}

/** Fewer than so many more today are worth a word. */
const FEW_LEFT = 10;

/** The limits in one line, for before anything is picked. */
export function limitsInWords(limits: UploadLimits): string {
  const says = words.value.upload;
  const most = says.limits(size(limits.max_bytes), clock(limits.max_duration_ms));
  const left = limits.remaining_today;
  return left === null || left >= FEW_LEFT ? most : `${most} · ${says.leftToday(left)}`;
}

/** As people call the formats by their files' names. */
const CALLED: Readonly<Record<string, string>> = {
  mp4: 'MP4',
  quicktime: 'MOV',
  webm: 'WebM',
  'x-matroska': 'MKV',
};

/** "MP4, MOV, or WebM" */
export function formatsInWords({ accepted_types }: UploadLimits): string {
  const names = accepted_types.map((type) => {
    const [, kind = type] = type.split('/');
    return CALLED[kind] ?? kind.toUpperCase();
  });
  return new Intl.ListFormat(language.value, { type: 'disjunction' }).format(names);
}

/** Only what is surely no video: some systems know no type, some another one, and the server looks into the file anyway. */
function accepted(type: string, types: readonly string[]): boolean {
  return type === '' || type.startsWith('video/') || types.includes(type);
}
