/** What can go wrong with a call: an answer that refuses (RFC 9457), or no answer at all. */

interface ProblemDocument {
  title?: string;
  detail?: string;
  code?: string;
  errors?: { field: string; detail: string }[];
}

/** The code of a refusal that is no problem document. */
export const UNKNOWN = 'unknown';

/** The API refused; `code` is the stable word to branch on. */
export class Problem extends Error {
  readonly code: string;
  /** What is wrong with each field, by the field's name. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(
    readonly status: number,
    document: ProblemDocument,
    /** When to try again, where the answer says so. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(document.detail ?? document.title ?? `HTTP ${status}`);
    this.code = document.code ?? UNKNOWN;
    this.fields = Object.fromEntries((document.errors ?? []).map((e) => [e.field, e.detail]));
  }
}

/** Nothing answered: offline, cut off, or slower than the time limit. */
export class Unreachable extends Error {}

/** Is this a refusal with that code? */
export function refusedWith(error: unknown, code: string): boolean {
  return error instanceof Problem && error.code === code;
}

/** Did the server say no for good? Then it keeps that answer for a key that was sent along; the next try needs another one. */
export function refusedForGood(error: unknown): boolean {
  return error instanceof Problem && error.status < 500 && error.code !== 'in_progress';
}

/** Reads a refusal, also one that is not a problem document. */
export async function problemOf(answer: Response): Promise<Problem> {
  const seconds = Number(answer.headers.get('Retry-After') ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : null;
  try {
    return new Problem(answer.status, (await answer.json()) as ProblemDocument, retryAfterMs);
  } catch (error) {
    if (error instanceof SyntaxError) return new Problem(answer.status, {}, retryAfterMs);
    throw new Unreachable('the answer was cut off');
  }
}
