/** Asking while somebody types. */

/** So long nothing is asked after a key: whoever types quickly asks for the word. */
const PAUSE_MS = 150;

/**
 * Asks after a moment; `ask` never rejects. Whoever types on calls what this gives back: then nothing is asked any more,
 * and a late answer is dropped.
 */
export function askedSoon<Told>(ask: () => Promise<Told>, hear: (told: Told) => void): () => void {
  let current = true;
  const timer = setTimeout(() => {
    void ask().then((told) => {
      if (current) hear(told);
    });
  }, PAUSE_MS);
  return () => {
    current = false;
    clearTimeout(timer);
  };
}
