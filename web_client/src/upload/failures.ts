/** Why a video could not be made playable, in words that say what to do. */

const BY_CODE: Readonly<Record<string, string>> = {
  unreadable: 'This file is not a video, or it is damaged. Export it again and post that.',
  no_video: 'There is only sound in this file. Post one with a picture.',
  too_long: 'It is longer than the server takes. Trim it and post it again.',
  too_large_frame: 'Its picture is larger than the server takes. Export it smaller and post that.',
  unsupported: 'The server does not know this format. Export it as MP4 (H.264) and post that.',
  timed_out: 'Making it playable took too long. Post a shorter or smaller one.',
};

export function failureInWords(code: string | undefined): string {
  return BY_CODE[code ?? ''] ?? 'The server could not make it playable. Post it again.';
}
