/** Whether the server would take a file, told before a byte is sent. */
import type { UploadLimits } from '../api/types';
import { clock, size } from '../kit/numbers';

export interface Candidate {
  name: string;
  type: string;
  size: number;
  /** Null where the browser cannot read it; the server will. */
  durationMs: number | null;
}

/** What stands in the way, in words that say what to do; null when nothing does. */
export function obstacle(file: Candidate, limits: UploadLimits): string | null {
  if (limits.remaining_today === 0)
    return 'You have posted as much as one day allows. Come back tomorrow.';
  if (file.size === 0) return 'This file is empty. Pick another one.';
  if (!accepted(file.type, limits.accepted_types))
    return 'This is not a video that the server knows. Pick a video file.';
  if (file.size > limits.max_bytes) {
    return `This file has ${size(file.size)}, the server takes up to ${size(limits.max_bytes)}. Pick a shorter one.`;
  }
  if (file.durationMs !== null && file.durationMs > limits.max_duration_ms) {
    return `This video lasts ${clock(file.durationMs)}, the most is ${clock(limits.max_duration_ms)}. Trim it or pick another one.`;
  }
  return null;
}

/** The limits in one line, for before anything is picked. */
export function limitsInWords(limits: UploadLimits): string {
  const words = `Up to ${size(limits.max_bytes)} and ${clock(limits.max_duration_ms)} min`;
  return limits.remaining_today === null
    ? words
    : `${words} · ${limits.remaining_today} left today`;
}

/** Only what is surely no video: some systems know no type, some another one, and the server looks into the file anyway. */
function accepted(type: string, types: readonly string[]): boolean {
  return type === '' || type.startsWith('video/') || types.includes(type);
}
