/** One request to the API without credentials: JSON or a file in, JSON out, a time limit, refusals thrown as Problem. */
import { type Answer, API, type Asked, type Method, type Operation } from './operations';
import type { OptionsArgument, PathOf } from './operations';
import { problemOf, Unreachable } from './problem';

const ANSWER_WITHIN_MS = 15_000;

export interface SendOptions {
  token?: string | null;
  /** How long to wait for the whole answer, where that is more than usual. */
  withinMs?: number;
}

/** What `Asked` allows, for all operations at once. */
export interface ApiRequest extends SendOptions {
  path?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string | number | null | undefined>>;
  /** JSON, or a file as it is. */
  body?: unknown;
  idempotencyKey?: string;
}

/** Sends, waits at most 15 s unless it says otherwise, and answers the parsed body (`undefined` where there is none). */
export function send<M extends Method, Path extends PathOf<M>>(
  method: M,
  path: Path,
  ...[options]: OptionsArgument<Asked<Operation<M, Path>> & SendOptions>
): Promise<Answer<Operation<M, Path>>> {
  return sendAs<Answer<Operation<M, Path>>>(method, path, options ?? {});
}

/** The same, by the caller's word for what comes back. */
export async function sendAs<Told>(
  method: Method,
  path: string,
  request: ApiRequest,
): Promise<Told> {
  const answer = await fetched(method, path, request);
  if (!answer.ok) throw await problemOf(answer);
  if (answer.status === 204) return undefined as Told;
  try {
    const text = await answer.text();
    if (answer.status === 202 && text === '') return undefined as Told;
    return JSON.parse(text) as Told;
  } catch {
    throw new Unreachable('the answer was cut off');
  }
}

async function fetched(method: Method, path: string, request: ApiRequest): Promise<Response> {
  const init: RequestInit = {
    method,
    headers: headersFor(request),
    signal: AbortSignal.timeout(request.withinMs ?? ANSWER_WITHIN_MS),
    // What was pressed is done though the page is left at once; of files browsers allow 64 KB.
    keepalive: method !== 'GET' && !(request.body instanceof Blob),
  };
  if (request.body !== undefined)
    init.body = request.body instanceof Blob ? request.body : JSON.stringify(request.body);
  try {
    return await fetch(addressOf(path, request), init);
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

/** Where it goes to. */
export function addressOf(path: string, { path: names, query }: ApiRequest): string {
  return API + filled(path, names) + queryOf(query);
}

function headersFor({ body, token, idempotencyKey }: ApiRequest): Headers {
  const headers = new Headers({ Accept: 'application/json' });
  if (body !== undefined)
    headers.set('Content-Type', body instanceof Blob ? body.type : 'application/json');
  if (token) headers.set('Authorization', `Bearer ${token}`);
  if (idempotencyKey) headers.set('Idempotency-Key', idempotencyKey);
  return headers;
}

/** The path with what stands for its names. */
function filled(path: string, names: ApiRequest['path'] = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''));
}

function queryOf(query: ApiRequest['query']): string {
  const pairs = Object.entries(query ?? {}).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return pairs.length
    ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()}`
    : '';
}
