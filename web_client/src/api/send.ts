/** One request to the API without credentials: JSON or a file in, JSON out, a time limit, refusals thrown as Problem. */
import { problemOf, Unreachable } from './problem';

export const API = '/api/v1';
const ANSWER_WITHIN_MS = 15_000;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface SendOptions {
  /** JSON, or a file as it is. */
  body?: unknown;
  query?: Readonly<Record<string, string | number | null | undefined>>;
  token?: string | null;
  /** Makes a repeated POST safe; kept by the server for 24 h. */
  idempotencyKey?: string;
  /** Lets the request outlive the page. */
  keepalive?: boolean;
}

/** Sends, waits at most 15 s, and answers the parsed body (`undefined` where there is none). */
export async function send<Answer>(
  method: Method,
  path: string,
  options: SendOptions = {},
): Promise<Answer> {
  const answer = await fetched(method, path, options);
  if (!answer.ok) throw await problemOf(answer);
  if (answer.status === 204) return undefined as Answer;
  try {
    const text = await answer.text();
    if (answer.status === 202 && text === '') return undefined as Answer;
    return JSON.parse(text) as Answer;
  } catch {
    throw new Unreachable('the answer was cut off');
  }
}

async function fetched(method: Method, path: string, options: SendOptions): Promise<Response> {
  const init: RequestInit = {
    method,
    headers: headersFor(options),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    keepalive: options.keepalive ?? false,
  };
  if (options.body !== undefined)
    init.body = options.body instanceof Blob ? options.body : JSON.stringify(options.body);
  try {
    return await fetch(API + path + queryOf(options.query), init);
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

function headersFor({ body, token, idempotencyKey }: SendOptions): Headers {
  const headers = new Headers({ Accept: 'application/json' });
  if (body !== undefined)
    headers.set('Content-Type', body instanceof Blob ? body.type : 'application/json');
  if (token) headers.set('Authorization', `Bearer ${token}`);
  if (idempotencyKey) headers.set('Idempotency-Key', idempotencyKey);
  return headers;
}

function queryOf(query: SendOptions['query']): string {
  const pairs = Object.entries(query ?? {}).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return pairs.length
    ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()}`
    : '';
}
