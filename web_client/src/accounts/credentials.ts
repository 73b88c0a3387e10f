/** What one logs in with, as far as it can be checked without asking the server. */
import { words } from '../words/words';

export const SHORTEST_PASSWORD = 8;

/** What is wrong with an address, if anything is. */
export function emailSlip(email: string): string | null {
  return /.@./.test(email) ? null : words.value.accounts.badEmail;
}

/** What is wrong with a new password, if anything is. */
export function passwordSlip(password: string): string | null {
  if (password.length >= SHORTEST_PASSWORD) return null;
  return words.value.accounts.shortPassword(SHORTEST_PASSWORD);
}
