/** What to do after the socket closed: the close codes of the live contract as one pure function. */
import { LONGEST_MS, pauseMs } from '../kit/backoff';

export interface AfterClose {
  /** Milliseconds until the next attempt; null: stay away. */
  waitMs: number | null;
  /** The ticket or token was refused: get a new access token first. */
  renew: boolean;
}

const SERVER_RESTARTS = 1012;
const NOT_AUTHENTICATED = 4001;
const TOKEN_EXPIRED = 4002;
const SESSION_REVOKED = 4003;
const TOO_MANY = 4008;
const TOO_SLOW = 4009;

/** After too much of anything we stay away for at least this long. */
const BACK_OFF_MS = 10_000;
const RETRY_AFTER = /^retry_after_ms=(\d{1,5})$/;

/** `attempt` counts from 1 the connections in a row that did not reach `welcome`. */
export function afterClose(
  code: number,
  reason: string,
  attempt: number,
  random = Math.random,
): AfterClose {
  const pause = pauseMs(attempt, random);
  switch (code) {
    case SERVER_RESTARTS: {
      const [, told] = RETRY_AFTER.exec(reason) ?? [];
      return {
        waitMs: told === undefined ? pause : Math.min(Number(told), LONGEST_MS),
        renew: false,
      };
    }
    case NOT_AUTHENTICATED:
    case TOKEN_EXPIRED:
      return { waitMs: attempt <= 1 ? 0 : pause, renew: true };
    case SESSION_REVOKED:
      return { waitMs: null, renew: false };
    case TOO_MANY:
      return { waitMs: BACK_OFF_MS + pause, renew: false };
    case TOO_SLOW:
      return { waitMs: attempt <= 1 ? 0 : pause, renew: false };
    default:
      return { waitMs: pause, renew: false };
  }
}
