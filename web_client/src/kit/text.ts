/**
 * Captions as pieces of text, so that hashtags can be set apart and nothing is ever parsed as HTML; and what surrounds a
 * text that somebody types.
 */

export interface Piece {
  text: string;
  hashtag: boolean;
}

/** `#` and letters, digits, `_` of any script: the server's rule (contract, Videos). */
const HASHTAG = /#[\p{L}\p{N}_]+/gu;

/** Without surrounding white space as Unicode has it: the server's rule. `trim` takes U+FEFF too, and leaves U+0085. */
export function trimmed(text: string): string {
  return /\P{White_Space}(?:.*\P{White_Space})?/su.exec(text)?.[0] ?? '';
}

/** Splits a caption; joined again the pieces are the caption. */
export function pieces(caption: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of caption.matchAll(HASHTAG)) {
    if (match.index > end) found.push({ text: caption.slice(end, match.index), hashtag: false });
    found.push({ text: match[0], hashtag: true });
    end = match.index + match[0].length;
  }
  if (end < caption.length) found.push({ text: caption.slice(end), hashtag: false });
  return found;
}
