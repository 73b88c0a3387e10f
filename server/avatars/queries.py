"""SQL of the pictures that accounts send, one an account."""

from uuid import UUID

import msgspec

from server.avatars.wire import Wish
from server.videos.wire import Failure
from storage.postgres import Rows

WISH = "SELECT token, photo_sha256, state, error_code, error_detail FROM avatar_wish WHERE account_id = $1"
PUT = """
INSERT INTO avatar_wish (account_id, token, photo_sha256)
VALUES ($1, $2, $3)
ON CONFLICT (account_id) DO UPDATE
SET token = excluded.token, photo_sha256 = excluded.photo_sha256, state = 'waiting', error_code = NULL, error_detail = NULL
"""
DONE = "UPDATE avatar_wish SET state = 'done' WHERE account_id = $1"
REFUSED = "UPDATE avatar_wish SET state = 'refused', error_code = $2, error_detail = $3 WHERE account_id = $1"
FORGET = "DELETE FROM avatar_wish WHERE account_id = $1"
USED = """
SELECT count(*) AS jobs, ceil(extract(epoch FROM min(created_at) + make_interval(secs => $2) - now()))::integer AS seconds
FROM job
WHERE shard = 0 AND kind = 'avatar' AND account_id = $1 AND created_at > now() - make_interval(secs => $2)
"""

# Whoever shows a picture has sent one: these rows are few beside those of all accounts.
SHOWN = """
SELECT a.id, a.avatar
FROM avatar_wish AS w
JOIN account AS a ON a.id = w.account_id
WHERE w.account_id > $1 AND a.avatar IS NOT NULL
ORDER BY w.account_id
LIMIT $2
"""


class Shown(msgspec.Struct, frozen=True):
    """An account that shows a picture, by what its objects' names begin with."""

    id: UUID
    avatar: str


async def wish(conn: Rows, account_id: UUID) -> Wish | None:
    """What it sent last."""
    row = await conn.fetchrow(WISH, account_id)
    return Wish(**row) if row else None


async def put(conn: Rows, account_id: UUID, wanted: Wish) -> None:
    """Wait for this one, instead of whatever was sent before."""
    await conn.execute(PUT, account_id, wanted.token, wanted.photo_sha256)


async def done(conn: Rows, account_id: UUID) -> None:
    await conn.execute(DONE, account_id)


async def refused(conn: Rows, account_id: UUID, why: Failure) -> None:
    await conn.execute(REFUSED, account_id, why.code, why.detail)


async def forget(conn: Rows, account_id: UUID) -> None:
    await conn.execute(FORGET, account_id)


async def used(conn: Rows, account_id: UUID, seconds: float) -> tuple[int, int]:
    """How many pictures the account sent in the last seconds, and in how many the first of them does not count any more."""
    row = await conn.fetchrow(USED, account_id, seconds)
    assert row is not None
    return row["jobs"], row["seconds"] or 0


async def shown(conn: Rows, after: UUID, limit: int) -> list[Shown]:
    """A slice of the accounts that show a picture, by id."""
    return [Shown(**row) for row in await conn.fetch(SHOWN, after, limit)]
