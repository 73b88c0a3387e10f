/** One request to the API as whoever is logged in: adds the access token, renews it once, repeats what may be and met a pause. */
import { accessToken, renewed } from '../accounts/tokens';
import { pauseMs, waited } from '../kit/backoff';
import { Problem, refusedWith, Unreachable } from './problem';
import { type Method, send, type SendOptions } from './send';

const TRIES = 3;

interface CallOptions extends SendOptions {
  /** Sent twice it does no more than once. */
  repeatable?: boolean;
}

/**
 * As `send`, with credentials where there are any. A read, and whatever has a key or says so, is tried three times when the server is away
 * for a moment.
 */
export async function call<Answer>(
  method: Method,
  path: string,
  { repeatable = method === 'GET', ...options }: CallOptions = {},
): Promise<Answer> {
  repeatable ||= options.idempotencyKey !== undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await withToken<Answer>(method, path, options);
    } catch (error) {
      if (!repeatable || attempt >= TRIES || !passing(error)) throw error;
      await waited(pauseMs(attempt));
    }
  }
}

async function withToken<Answer>(
  method: Method,
  path: string,
  options: SendOptions,
): Promise<Answer> {
  const token = await accessToken();
  try {
    return await send<Answer>(method, path, { ...options, token });
  } catch (error) {
    if (!token || !(error instanceof Problem) || error.status !== 401) throw error;
    const next = await renewed(token);
    if (!next) throw error;
    return await send<Answer>(method, path, { ...options, token: next });
  }
}

function passing(error: unknown): boolean {
  if (error instanceof Unreachable || refusedWith(error, 'in_progress')) return true;
  return error instanceof Problem && error.status === 503;
}
