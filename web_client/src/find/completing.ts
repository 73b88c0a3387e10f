/** Hashtags and mentions that are completed as one types: which word is meant, and what comes in its place. */

/** What stands before the caret: `#` or `@`, and what has been typed of it. */
export interface Begun {
  sign: '#' | '@';
  /** Without the sign. */
  text: string;
  /** Where the sign is. */
  from: number;
  /** The caret. */
  to: number;
}

/** The rules of kit/text.ts, for what has only begun. */
const BEGUN = /(?:(#)([\p{L}\p{N}_]+)|(?<![\p{L}\p{N}_@.+/-])(@)(\w{1,30}))$/u;
/** The server takes no more, with the sign. */
const LONGEST = 99;

/** The hashtag or mention that the caret is at the end of; null when there is none. */
export function begunAt(whole: string, caret: number): Begun | null {
  const match = BEGUN.exec(whole.slice(0, caret));
  if (!match) return null;
  const [, hash, tag = '', , name = ''] = match;
  const text = hash ? tag : name;
  if (text.length > LONGEST) return null;
  return { sign: hash ? '#' : '@', text, from: match.index, to: caret };
}

/** The word with a space behind it, unless there is one; where it goes is `begun`. */
export function completion(begun: Begun, name: string, whole: string): string {
  const spaced = /^\s/u.test(whole.slice(begun.to));
  return `${begun.sign}${name}${spaced ? '' : ' '}`;
}

/** The next of so many options, around the end; -1 is none. */
export function stepped(active: number, by: 1 | -1, of: number): number {
  if (of === 0) return -1;
  if (active < 0) return by > 0 ? 0 : of - 1;
  return (active + by + of) % of;
}
