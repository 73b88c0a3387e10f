/** In which form this browser records: one that the server takes, best first. */

/** H.264 plays everywhere and is encoded by the phone's own hardware; WebM is what Firefox has. */
const FORMATS = [
  'video/mp4;codecs=avc1.42E01E,mp4a.40.2',
  'video/mp4;codecs=avc1,opus',
  'video/mp4',
  'video/webm;codecs=vp9,opus',
  'video/webm;codecs=vp8,opus',
  'video/webm',
] as const;

/** Null where there is none. */
export function formatFor(
  accepted: readonly string[],
  supported: (type: string) => boolean,
): string | null {
  return FORMATS.find((type) => accepted.includes(containerOf(type)) && supported(type)) ?? null;
}

/** "video/mp4" of "video/mp4;codecs=…" */
export function containerOf(type: string): string {
  const [container = ''] = type.split(';');
  return container.trim().toLowerCase();
}

/** "recording-2026-11-26-0931.mp4" */
export function nameFor(type: string, at: Date): string {
  const [, ending] = containerOf(type).split('/');
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `recording-${day}-${two(at.getHours())}${two(at.getMinutes())}.${ending}`;
}
