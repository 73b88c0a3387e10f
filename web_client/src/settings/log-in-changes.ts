/** What one logs in with: what of it was changed, and what is wrong with that. */
import { emailSlip, passwordSlip } from '../accounts/credentials';
import { Problem } from '../api/problem';
import { words } from '../words/words';

export interface LogInTyped {
  email: string;
  /** Empty: it stays. */
  password: string;
  /** The current password. */
  current: string;
}

interface LogInChanges {
  email?: string;
  password?: string;
}

/** What differs from what is. */
export function changesOf({ email, password }: LogInTyped, oldEmail: string): LogInChanges {
  return { ...(email !== oldEmail && { email }), ...(password && { password }) };
}

/** What we can tell without asking the server, by the fields' names in the API. */
export function slipsOf(typed: LogInTyped): Record<string, string> {
  const slips: Record<string, string> = {};
  const email = emailSlip(typed.email);
  const password = typed.password ? passwordSlip(typed.password) : null;
  if (email) slips.email = email;
  if (password) slips.password = password;
  if (!typed.current) slips.current_password = words.value.settings.needPassword;
  return slips;
}

/** The fields that the server's refusal is about. */
export function faultsOf(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof Problem)) return {};
  const says = words.value.settings;
  if (error.code === 'bad_password') return { current_password: says.wrongPassword };
  if (error.code === 'email_taken') return { email: says.emailTaken };
  return error.fields;
}
