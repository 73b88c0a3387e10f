/**
 * Texts as pieces, so that hashtags and mentions can lead somewhere and nothing is ever parsed as HTML; and what surrounds a
 * text that somebody types.
 */

export interface Piece {
  text: string;
  hashtag: boolean;
  /** The page that it leads to; null for words. */
  leadsTo: string | null;
}

/**
 * The server's rules: `#` and letters, digits, `_` of any script (contract, Videos); `@` and a username that stands alone
 * (server/kit/mentions.py).
 */
const LEADING = /#([\p{L}\p{N}_]+)|(^|[^\p{L}\p{N}_@.+/-])@(\w{3,30})(?![\p{L}\p{N}_@])/gu;

const letters = new Intl.Segmenter();

/** Without surrounding white space as Unicode has it: the server's rule. `trim` takes U+FEFF too, and leaves U+0085. */
export function trimmed(text: string): string {
  return /\P{White_Space}(?:.*\P{White_Space})?/su.exec(text)?.[0] ?? '';
}

/** The same, with no line that has nothing on it. */
export function withoutEmptyLines(text: string): string {
  return text.replace(/\s*\n\s*/g, '\n');
}

/** Not more than so many characters as people see them; what goes is said by an ellipsis. */
export function cut(text: string, most: number): string {
  const seen = Array.from(letters.segment(text), ({ segment }) => segment);
  return seen.length > most ? `${seen.slice(0, most).join('').trimEnd()}…` : text;
}

/** The page of a hashtag, with its `#` or without. */
export function pageOfHashtag(tag: string): string {
  return `/hashtags/${encodeURIComponent(tag.replace(/^#/, '').toLowerCase())}`;
}

/** Splits a text; joined again the pieces are the text. */
export function pieces(whole: string): Piece[] {
  const found: Piece[] = [];
  const words = (text: string) => {
    if (text) found.push({ text, hashtag: false, leadsTo: null });
  };
  let end = 0;
  for (const match of whole.matchAll(LEADING)) {
    const [all, tag, before = '', name = ''] = match;
    const text = all.slice(before.length);
    words(whole.slice(end, match.index + before.length));
    found.push(
      tag
        ? { text, hashtag: true, leadsTo: pageOfHashtag(tag) }
        : { text, hashtag: false, leadsTo: `/@${name}` },
    );
    end = match.index + all.length;
  }
  words(whole.slice(end));
  return found;
}
