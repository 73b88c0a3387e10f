"""SQL of accounts, their names and their sessions."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from server.accounts.wire import AccountRow, SessionRow, SignUp
from server.kit.paging import After
from storage.postgres import Rows

COLUMNS = "id, username, email, first_name, last_name, birth_date, display_name, bio, avatar, created_at"

CLAIM_USERNAME = "INSERT INTO username (name, account_id) VALUES (lower($1), $2) ON CONFLICT (name) DO NOTHING RETURNING true"
CLAIM_EMAIL = """
INSERT INTO email_address (address, account_id) VALUES (lower($1), $2) ON CONFLICT (address) DO NOTHING RETURNING true
"""
FREE_USERNAME = "DELETE FROM username WHERE name = lower($1) AND account_id = $2"
FREE_EMAIL = "DELETE FROM email_address WHERE address = lower($1) AND account_id = $2"
INSERT = """
INSERT INTO account (id, username, email, password_hash, first_name, last_name, birth_date)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
GET = f"SELECT {COLUMNS} FROM account WHERE id = ANY($1)"  # noqa: S608 - a constant of ours
ID_OF_USERNAME = "SELECT account_id FROM username WHERE name = lower($1)"
# Whose account is leaving this moment is left out, rather than waited for.
HOLD_USERNAMES = "SELECT name FROM username WHERE name = ANY($1) ORDER BY name FOR KEY SHARE SKIP LOCKED"
USERNAMES = "SELECT name, account_id FROM username WHERE name > $1 ORDER BY name LIMIT $2"
IDS_OF_USERNAMES = "SELECT name, account_id FROM username WHERE name = ANY($1)"
ID_OF_EMAIL = "SELECT account_id FROM email_address WHERE address = lower($1)"
PASSWORD = "SELECT password_hash FROM account WHERE id = $1"  # noqa: S105 - a statement
LOCK = "SELECT true FROM account WHERE id = $1 FOR UPDATE"
# In the order of ids, whoever asks: two who want the same rows wait for each other only one way.
LOCK_ALL = "SELECT id FROM account WHERE id = ANY($1) ORDER BY id FOR UPDATE"
EDIT = """
UPDATE account
SET username = $2, email = $3, first_name = $4, last_name = $5, birth_date = $6, display_name = $7, bio = $8,
    password_hash = coalesce($9, password_hash)
WHERE id = $1
"""
SHOW_AVATAR = """
UPDATE account
SET avatar = $2
FROM (SELECT id, avatar FROM account WHERE id = $1 FOR UPDATE) AS before
WHERE account.id = before.id
RETURNING before.avatar
"""
AVATAR = "SELECT avatar FROM account WHERE id = $1"

INSERT_SESSION = """
INSERT INTO session (account_id, id, user_agent, expires_at)
VALUES ($1, $2, $3, now() + make_interval(secs => $4))
"""
# NOWAIT: another refresh with the same token runs right now, and the answer to this one is 409.
LOCK_SESSION = """
SELECT generation, revoked_at IS NOT NULL OR expires_at < now() AS ended
FROM session
WHERE account_id = $1 AND id = $2
FOR UPDATE NOWAIT
"""
ROTATE = """
UPDATE session
SET generation = generation + 1, last_used_at = now(), expires_at = now() + make_interval(secs => $3)
WHERE account_id = $1 AND id = $2
RETURNING generation
"""
REVOKE = """
UPDATE session
SET revoked_at = now()
WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL
RETURNING id
"""
REVOKE_OTHERS = """
UPDATE session
SET revoked_at = now()
WHERE account_id = $1 AND id <> $2 AND revoked_at IS NULL
RETURNING id
"""
SESSIONS = """
SELECT id, created_at, last_used_at, user_agent
FROM session
WHERE account_id = $1 AND revoked_at IS NULL AND expires_at > now() AND (created_at, id) < ($2, $3)
ORDER BY created_at DESC, id DESC
LIMIT $4
"""
ACTIVE = """
SELECT account_id
FROM (
    SELECT account_id, last_used_at
    FROM session
    WHERE last_used_at > now() - make_interval(secs => $1)
    ORDER BY last_used_at DESC
    LIMIT $2
) AS latest
GROUP BY account_id
ORDER BY max(last_used_at) DESC
"""
DELETE_SESSIONS = "DELETE FROM session WHERE account_id = $1 RETURNING id"
DELETE = "DELETE FROM account WHERE id = $1 RETURNING username, email"
FORGET_SESSIONS = "DELETE FROM session WHERE expires_at < now() - make_interval(days => $1)"


async def claim_username(conn: Rows, username: str, account_id: UUID) -> bool:
    return await conn.fetchval(CLAIM_USERNAME, username, account_id) is not None


async def claim_email(conn: Rows, email: str, account_id: UUID) -> bool:
    return await conn.fetchval(CLAIM_EMAIL, email, account_id) is not None


async def free_username(conn: Rows, username: str, account_id: UUID) -> None:
    await conn.execute(FREE_USERNAME, username, account_id)


async def free_email(conn: Rows, email: str, account_id: UUID) -> None:
    await conn.execute(FREE_EMAIL, email, account_id)


async def insert(conn: Rows, account_id: UUID, new: SignUp, password_hash: str) -> None:
    await conn.execute(INSERT, account_id, new.username, new.email, password_hash, new.first_name, new.last_name, new.birth_date)


async def get(conn: Rows, account_ids: Sequence[UUID]) -> dict[UUID, AccountRow]:
    """Those of the accounts that exist."""
    return {row["id"]: AccountRow(**row) for row in await conn.fetch(GET, list(account_ids))}


async def id_of_username(conn: Rows, username: str) -> UUID | None:
    found: UUID | None = await conn.fetchval(ID_OF_USERNAME, username)
    return found


async def hold_usernames(conn: Rows, names: Sequence[str]) -> set[str]:
    """Those of these names, in lower case, that are somebody's, and stay so until the transaction ends."""
    return {row["name"] for row in await conn.fetch(HOLD_USERNAMES, list(names))}


async def usernames(conn: Rows, after: str, limit: int) -> dict[str, UUID]:
    """The next names behind this one, in lower case and in the order of bytes, and whose they are."""
    return {row["name"]: row["account_id"] for row in await conn.fetch(USERNAMES, after, limit)}


async def ids_of_usernames(conn: Rows, names: Sequence[str]) -> dict[str, UUID]:
    """Whose names these are, which are in lower case; of those that are somebody's."""
    return {row["name"]: row["account_id"] for row in await conn.fetch(IDS_OF_USERNAMES, list(names))}


async def id_of_email(conn: Rows, email: str) -> UUID | None:
    found: UUID | None = await conn.fetchval(ID_OF_EMAIL, email)
    return found


async def password_hash(conn: Rows, account_id: UUID) -> str | None:
    found: str | None = await conn.fetchval(PASSWORD, account_id)
    return found


async def lock(conn: Rows, account_id: UUID) -> bool:
    """Serialise what happens to this account until the transaction ends; whether it exists."""
    return await conn.fetchval(LOCK, account_id) is not None


async def lock_all(conn: Rows, account_ids: Sequence[UUID]) -> set[UUID]:
    """The same for several of them, none of which is held yet; those that exist."""
    return {row["id"] for row in await conn.fetch(LOCK_ALL, list(account_ids))}


async def edit(conn: Rows, row: AccountRow, new_password_hash: str | None) -> None:
    """Store the account as `row` has it."""
    names: tuple[str | None, str | None, date | None] = (row.first_name, row.last_name, row.birth_date)
    await conn.execute(EDIT, row.id, row.username, row.email, *names, row.display_name, row.bio, new_password_hash)


async def show_avatar(conn: Rows, account_id: UUID, avatar: str | None) -> str | None:
    """Show this picture, by what its objects' names begin with, or none; the one before it."""
    before: str | None = await conn.fetchval(SHOW_AVATAR, account_id, avatar)
    return before


async def avatar(conn: Rows, account_id: UUID) -> str | None:
    """The picture that is shown."""
    found: str | None = await conn.fetchval(AVATAR, account_id)
    return found


async def insert_session(conn: Rows, account_id: UUID, session_id: UUID, user_agent: str, seconds: int) -> None:
    await conn.execute(INSERT_SESSION, account_id, session_id, user_agent, seconds)


async def lock_session(conn: Rows, account_id: UUID, session_id: UUID) -> tuple[int, bool] | None:
    """The generation that is good, and whether the session has ended; None when there is none.

    Raises:
        asyncpg.LockNotAvailableError: somebody else holds the row.
    """
    row: Any = await conn.fetchrow(LOCK_SESSION, account_id, session_id)
    return (row["generation"], row["ended"]) if row else None


async def rotate(conn: Rows, account_id: UUID, session_id: UUID, seconds: int) -> int:
    """Use up the session's refresh token; the generation of the next."""
    generation: int = await conn.fetchval(ROTATE, account_id, session_id, seconds)
    return generation


async def revoke(conn: Rows, account_id: UUID, session_id: UUID) -> bool:
    """End a session; False when it is not there or has ended."""
    return await conn.fetchval(REVOKE, account_id, session_id) is not None


async def revoke_others(conn: Rows, account_id: UUID, session_id: UUID) -> list[UUID]:
    """End every session but this one; those that were ended."""
    return [row["id"] for row in await conn.fetch(REVOKE_OTHERS, account_id, session_id)]


async def sessions(conn: Rows, account_id: UUID, after: After, limit: int) -> list[SessionRow]:
    """Those that still stand, in an order that no use of them moves: by the moment of the log-in, newest first."""
    return [SessionRow(**row) for row in await conn.fetch(SESSIONS, account_id, after.at, after.id, limit)]


async def active(conn: Rows, seconds: float, limit: int) -> list[UUID]:
    """Of the so many log-ins that were used last, within so many seconds: their accounts, the latest first."""
    return [row["account_id"] for row in await conn.fetch(ACTIVE, seconds, limit)]


async def delete_sessions(conn: Rows, account_id: UUID) -> list[UUID]:
    """All of an account; which these were."""
    return [row["id"] for row in await conn.fetch(DELETE_SESSIONS, account_id)]


async def delete(conn: Rows, account_id: UUID) -> str:
    """Delete the account's own row, which has to be there, and free its names; the username."""
    row = await conn.fetchrow(DELETE, account_id)
    assert row is not None
    await free_username(conn, row["username"], account_id)
    await free_email(conn, row["email"], account_id)
    username: str = row["username"]
    return username


async def forget_sessions(conn: Rows, days: int) -> None:
    await conn.execute(FORGET_SESSIONS, days)
