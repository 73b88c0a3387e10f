/** One request to the API as whoever is logged in: adds the access token, renews it once, retries what is safe to repeat after a passing failure. */
import { accessToken, renewed } from '../accounts/tokens';
import { pauseMs, waited } from '../kit/backoff';
import { dropEarly, keepEarly, takeEarly } from './early';
import { Problem, refusedWith, Unreachable } from './problem';
import type { Answer, Asked, Method, Operation, OptionsArgument, PathOf } from './operations';
import { addressOf, type ApiRequest, sendAs, type SendOptions } from './send';

const TRIES = 3;
/** Whoever is told to wait for longer hears it, rather than wait in silence. */
const LONGEST_WAIT_MS = 5_000;

interface CallOptions extends Omit<SendOptions, 'token'> {
  /** Sent twice it does no more than once. */
  repeatable?: boolean;
}

/**
 * As `send`, with credentials where there are any. A read, and whatever has a key or says so, is tried three times when the server is away
 * for a moment, or says that it was too much at once; not before the time that the answer names.
 */
export async function call<M extends Method, Path extends PathOf<M>>(
  method: M,
  path: Path,
  ...[options]: OptionsArgument<Asked<Operation<M, Path>> & CallOptions>
): Promise<Answer<Operation<M, Path>>> {
  const { repeatable = method === 'GET', ...request }: ApiRequest & CallOptions = options ?? {};
  if (method !== 'GET') dropEarly();
  const early = takeEarly(addressOf(path, request));
  if (early) return early as Promise<Answer<Operation<M, Path>>>;
  const again = repeatable || request.idempotencyKey !== undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await withToken<Answer<Operation<M, Path>>>(method, path, request);
    } catch (error) {
      if (!again || attempt >= TRIES || !passing(error)) throw error;
      const askedMs = error instanceof Problem ? (error.retryAfterMs ?? 0) : 0;
      if (askedMs > LONGEST_WAIT_MS) throw error;
      // All who were refused at once are told the same: what is added keeps them apart.
      await waited(askedMs + pauseMs(attempt));
    }
  }
}

/** Prefetches: the next identical `call` gets this answer. */
export function askEarly<Path extends PathOf<'GET'>>(
  path: Path,
  ...options: OptionsArgument<Asked<Operation<'GET', Path>> & CallOptions>
): void {
  const [request = {}]: [ApiRequest?] = options;
  keepEarly(addressOf(path, request), call('GET', path, ...options));
}

async function withToken<Told>(method: Method, path: string, request: ApiRequest): Promise<Told> {
  const token = await accessToken();
  try {
    return await sendAs<Told>(method, path, { ...request, token });
  } catch (error) {
    if (!token || !(error instanceof Problem) || error.status !== 401) throw error;
    const next = await renewed(token);
    if (!next) throw error;
    return await sendAs<Told>(method, path, { ...request, token: next });
  }
}

function passing(error: unknown): boolean {
  if (error instanceof Unreachable || refusedWith(error, 'in_progress')) return true;
  if (!(error instanceof Problem)) return false;
  return error.status === 503 || (error.status === 429 && error.retryAfterMs !== null);
}
