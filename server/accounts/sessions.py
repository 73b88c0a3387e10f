"""The rules of sessions: families of refresh tokens that rotate, and whose reuse ends them (RFC 9700, 4.14.2)."""

from uuid import UUID

import asyncpg

from server.accounts import queries
from server.accounts.wire import Issued, Session, SessionRow
from server.kit.errors import Refusal
from server.kit.ids import new_id
from server.kit.invalidation import invalidate, invalidate_all
from server.kit.request import nothing_there
from server.kit.times import rfc3339
from server.kit.tokens import Tokens
from server.kit.work import Work
from storage.postgres import Rows

MAX_USER_AGENT = 200


class RefreshTokenInvalid(Refusal):
    """It never was a refresh token of ours, or its life is over."""

    status = 401
    code = "refresh_token_invalid"


class RefreshTokenReused(Refusal):
    """It was used before, or its family was revoked: somebody has a copy, so the family ends."""

    status = 401
    code = "refresh_token_reused"


class RefreshInProgress(Refusal):
    """Another request with the same token runs; nothing is revoked."""

    status = 409
    code = "refresh_in_progress"


async def begin(w: Work, tokens: Tokens, account_id: UUID, user_agent: str) -> Issued:
    """Log in."""
    session_id = new_id()
    shown = "".join(c for c in user_agent if c.isprintable())[:MAX_USER_AGENT]
    await queries.insert_session(w.conn, account_id, session_id, shown, tokens.refresh_seconds)
    return _issue(tokens, account_id, session_id, 0)


async def refresh(w: Work, tokens: Tokens, token: str) -> Issued | None:
    """Use up a refresh token; None when it was used before, and its family has now ended (the caller refuses after commit).

    Raises:
        RefreshTokenInvalid, RefreshTokenReused, RefreshInProgress
    """
    claims = tokens.read_refresh(token)
    if claims is None:
        raise RefreshTokenInvalid("This is no refresh token of ours, or it has expired; log in.")
    try:
        state = await queries.lock_session(w.conn, claims.account_id, claims.session_id)
    except asyncpg.LockNotAvailableError:
        raise RefreshInProgress("A refresh with this token is running.", headers={"Retry-After": "1"}) from None
    if state is None:
        raise RefreshTokenInvalid("This session is over; log in.")
    generation, ended = state
    if ended:
        raise reused()
    if generation != claims.generation:
        await end(w, claims.account_id, claims.session_id)
        return None
    fresh = await queries.rotate(w.conn, claims.account_id, claims.session_id, tokens.refresh_seconds)
    return _issue(tokens, claims.account_id, claims.session_id, fresh)


def reused() -> RefreshTokenReused:
    return RefreshTokenReused("This refresh token was used before; its session has ended. Log in.")


async def end(w: Work, account_id: UUID, session_id: UUID) -> None:
    """Log out; its access tokens end within a second on every process.

    Raises:
        NotFound: the account has no such session.
    """
    if not await queries.revoke(w.conn, account_id, session_id):
        raise nothing_there()
    await invalidate(w, account_id, "session", session_id)


async def end_others(w: Work, account_id: UUID, session_id: UUID) -> None:
    """End every session of the account but this one."""
    for ended in await queries.revoke_others(w.conn, account_id, session_id):
        await invalidate(w, account_id, "session", ended)


async def end_all(w: Work, account_id: UUID) -> None:
    """End every session of an account that is deleted, and forget them."""
    await invalidate_all(w, account_id, "session", await queries.delete_sessions(w.conn, account_id))


def shown(row: SessionRow, current: UUID) -> Session:
    """A session as the API answers it; `current` is the one that asks."""
    return Session(row.id, rfc3339(row.created_at), rfc3339(row.last_used_at), row.user_agent, row.id == current)


async def forget(conn: Rows) -> None:
    """Delete sessions that ended a while ago (a periodic job); until then reuse of their tokens is told as such."""
    await queries.forget_sessions(conn, days=1)


def _issue(tokens: Tokens, account_id: UUID, session_id: UUID, generation: int) -> Issued:
    access = tokens.access(account_id, session_id)
    return Issued(account_id, access, tokens.refresh(account_id, session_id, generation), tokens.access_seconds)
