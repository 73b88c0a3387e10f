/** Prefetched answers; each is used once, by the first identical request. */

/** Unclaimed answers expire after this. */
const WANTED_WITHIN_MS = 30_000;

const answers = new Map<string, Promise<unknown>>();

/** Keeps what comes from this address for the next who asks for it. */
export function keepEarly(address: string, answer: Promise<unknown>): void {
  answers.set(address, answer);
  // Whoever takes it hears that it failed, and nobody else has to.
  answer.catch(() => undefined);
  setTimeout(() => answers.delete(address), WANTED_WITHIN_MS);
}

/** What was asked of this address early, once. */
export function takeEarly(address: string): Promise<unknown> | undefined {
  const answer = answers.get(address);
  answers.delete(address);
  return answer;
}

/** Something has changed, or somebody else is here: what was asked before is old. */
export function dropEarly(): void {
  answers.clear();
}
