"""SQL of uploads. What a request writes is conditional on it still being the writer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Record

from server.uploads.wire import StoredPart, Tail, Upload
from server.videos.wire import Created, Described, RawObject
from storage.postgres import Rows

_COLUMNS = """account_id, id, length, offset_bytes, title, description, visibility, multipart_id, parts, tails, sha256_state,
    writer, expires_at, video_id, duplicate"""

INSERT = f"""
INSERT INTO upload (account_id, id, length, title, description, visibility, sha256_state, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8))
RETURNING {_COLUMNS}
"""  # noqa: S608 - the columns are ours
# Finished ones can be asked for until they expire; unfinished ones are told to have expired for a while after it.
FIND = f"""
SELECT {_COLUMNS}, expired OR (finished_at IS NULL AND expires_at <= now()) AS ended
FROM upload
WHERE account_id = $1 AND id = $2 AND length IS NOT NULL
  AND expires_at + make_interval(secs => CASE WHEN finished_at IS NULL THEN $3 ELSE 0 END) > now()
"""  # noqa: S608 - the columns are ours
# No request waits for another: the newest one that knows the right offset becomes the writer, whoever was it before.
TAKE = f"""
UPDATE upload
SET writer = writer + 1
WHERE account_id = $1 AND id = $2 AND offset_bytes = $3 AND offset_bytes + $4 <= length
  AND finished_at IS NULL AND NOT expired AND expires_at > now()
RETURNING {_COLUMNS}
"""  # noqa: S608 - the columns are ours
RESERVE_PART = """
UPDATE upload
SET next_part = next_part + 1, multipart_id = coalesce(multipart_id, $4)
WHERE account_id = $1 AND id = $2 AND writer = $3
RETURNING next_part - 1 AS number, multipart_id
"""
COMMIT = """
UPDATE upload
SET offset_bytes = $4, parts = $5, tails = $6, sha256_state = $7
WHERE account_id = $1 AND id = $2 AND writer = $3
RETURNING true
"""
HOLD = "SELECT true FROM upload WHERE account_id = $1 AND id = $2 AND writer = $3 FOR UPDATE"
FINISH = """
UPDATE upload
SET length = $3, offset_bytes = $3, finished_at = now(), expires_at = now() + make_interval(secs => $4), key = $5,
    video_id = $6, duplicate = $7, parts = '[]', tails = '[]'
WHERE account_id = $1 AND id = $2
RETURNING expires_at
"""
DELETE = "DELETE FROM upload WHERE account_id = $1 AND id = $2"
GIVE_UP = """
UPDATE upload
SET expired = finished_at IS NULL, expires_at = least(expires_at, now()), writer = writer + 1
WHERE account_id = $1 AND id = $2
RETURNING finished_at IS NULL
"""

EXPIRE = """
UPDATE upload
SET expired = true, writer = writer + 1
WHERE (account_id, id) IN (
    SELECT account_id, id
    FROM upload
    WHERE expires_at <= now() AND finished_at IS NULL AND NOT expired
    ORDER BY expires_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
)
RETURNING account_id, id, key, false AS kept
"""
FORGOTTEN = """
SELECT account_id, id, key, video_id IS NOT NULL AND NOT duplicate AS kept
FROM upload
WHERE expires_at + make_interval(secs => CASE WHEN finished_at IS NULL THEN $2 ELSE 0 END) <= now()
  AND (clean_at IS NULL OR clean_at <= now())
ORDER BY expires_at
LIMIT $1
"""
# The pauses double, with jitter; the count ends where the longest is reached in any case, before 2 ^ faults has no number.
PUT_OFF = """
UPDATE upload
SET faults = least(faults + 1, 30), clean_at = now() + make_interval(secs => least($3 * 2 ^ faults, $4) * (0.5 + random() / 2))
WHERE account_id = $1 AND id = $2
"""

TAKE_QUOTA = """
INSERT INTO upload_quota (account_id, day, used)
SELECT $1, (now() AT TIME ZONE 'UTC')::date, 1
WHERE $2 > 0
ON CONFLICT (account_id, day) DO UPDATE SET used = upload_quota.used + 1 WHERE upload_quota.used < $2
RETURNING true
"""
USED_TODAY = """
SELECT used
FROM upload_quota
WHERE account_id = $1 AND day = (now() AT TIME ZONE 'UTC')::date
"""
SECONDS_LEFT_TODAY = """
SELECT ceil(extract(epoch FROM date_trunc('day', now(), 'UTC') + interval '1 day' - now()))::integer
"""
FORGET = """
DELETE FROM upload
WHERE account_id = $1 AND id = ANY(ARRAY(SELECT id FROM upload WHERE account_id = $1 LIMIT $2))
RETURNING id
"""
FORGET_QUOTA = "DELETE FROM upload_quota WHERE account_id = $1"
FORGET_QUOTAS = "DELETE FROM upload_quota WHERE day < (now() AT TIME ZONE 'UTC')::date - 1"


class Leftover(msgspec.Struct, frozen=True):
    """An upload that is over, and what must stay of it: the original at `key` when a video was made of it (`kept`)."""

    account_id: UUID
    id: UUID
    key: str | None
    kept: bool


async def insert(
    conn: Rows, account_id: UUID, upload_id: UUID, length: int | None, said: Described, state: bytes, seconds: int
) -> Upload:
    row = await conn.fetchrow(
        INSERT, account_id, upload_id, length, said.title, said.description, said.visibility, state, seconds
    )
    assert row is not None
    return _upload(row)


async def find(conn: Rows, account_id: UUID, upload_id: UUID, remembered_seconds: int) -> tuple[Upload, bool] | None:
    """The account's upload, and whether it ended without a video; None when there is none, or none any more."""
    row = await conn.fetchrow(FIND, account_id, upload_id, remembered_seconds)
    return (_upload(row), row["ended"]) if row else None


async def take(conn: Rows, account_id: UUID, upload_id: UUID, offset: int, announced: int) -> Upload | None:
    """Become the writer; None unless the upload stands at this offset and has room for the bytes that are announced."""
    row = await conn.fetchrow(TAKE, account_id, upload_id, offset, announced)
    return _upload(row) if row else None


async def reserve_part(conn: Rows, upload: Upload, multipart_id: str | None) -> tuple[int, str] | None:
    """A part number that nobody had and the multipart upload it belongs to; None when another request took over."""
    row = await conn.fetchrow(RESERVE_PART, upload.account_id, upload.id, upload.writer, multipart_id)
    return (row["number"], row["multipart_id"]) if row else None


async def commit(
    conn: Rows, upload: Upload, offset: int, parts: Sequence[StoredPart], tails: Sequence[Tail], state: bytes
) -> bool:
    """Count what the store has; False when another request took over."""
    values = (offset, _json(parts), _json(tails), state)
    return await conn.fetchval(COMMIT, upload.account_id, upload.id, upload.writer, *values) is not None


async def hold(conn: Rows, upload: Upload) -> bool:
    """Lock the row until this transaction ends; False when another request took over."""
    return await conn.fetchval(HOLD, upload.account_id, upload.id, upload.writer) is not None


async def finish(conn: Rows, upload: Upload, raw: RawObject, created: Created, seconds: int) -> datetime:
    """Until when the upload can be asked for its video."""
    values = (raw.bytes, seconds, raw.key, created.video_id, created.duplicate)
    until: datetime = await conn.fetchval(FINISH, upload.account_id, upload.id, *values)
    return until


async def delete(conn: Rows, account_id: UUID, upload_id: UUID) -> None:
    await conn.execute(DELETE, account_id, upload_id)


async def give_up(conn: Rows, account_id: UUID, upload_id: UUID) -> bool:
    """End it now, and whichever request writes to it; False for one that was finished, which is no longer told of."""
    return await conn.fetchval(GIVE_UP, account_id, upload_id) or False


async def expire(conn: Rows, limit: int) -> list[Leftover]:
    """End those whose time is over, some at once."""
    return [Leftover(**row) for row in await conn.fetch(EXPIRE, limit)]


async def forgotten(conn: Rows, limit: int, remembered_seconds: int) -> list[Leftover]:
    """Those that nobody may ask for any more."""
    return [Leftover(**row) for row in await conn.fetch(FORGOTTEN, limit, remembered_seconds)]


async def put_off(conn: Rows, account_id: UUID, upload_id: UUID, first_seconds: float, longest_seconds: float) -> None:
    """Its bytes could not be removed: leave it alone for a while, longer each time."""
    await conn.execute(PUT_OFF, account_id, upload_id, first_seconds, longest_seconds)


async def take_quota(conn: Rows, account_id: UUID, per_day: int) -> bool:
    """Count one upload of today; False when the quota is used up. Racing requests never pass it together."""
    return await conn.fetchval(TAKE_QUOTA, account_id, per_day) is not None


async def used_today(conn: Rows, account_id: UUID) -> int:
    return await conn.fetchval(USED_TODAY, account_id) or 0


async def seconds_left_today(conn: Rows) -> int:
    left: int = await conn.fetchval(SECONDS_LEFT_TODAY)
    return left


async def forget_quotas(conn: Rows) -> None:
    await conn.execute(FORGET_QUOTAS)


async def forget(conn: Rows, account_id: UUID, limit: int) -> list[UUID]:
    """Delete some uploads of an account, and what it has used of its quota; which these were."""
    await conn.execute(FORGET_QUOTA, account_id)
    return [row["id"] for row in await conn.fetch(FORGET, account_id, limit)]


def _json(values: Sequence[Any]) -> str:
    return msgspec.json.encode(values).decode()


def _upload(row: Record) -> Upload:
    return Upload(
        account_id=row["account_id"],
        id=row["id"],
        length=row["length"],
        offset=row["offset_bytes"],
        title=row["title"],
        description=row["description"],
        visibility=row["visibility"],
        multipart_id=row["multipart_id"],
        parts=msgspec.json.decode(row["parts"], type=list[StoredPart]),
        tails=msgspec.json.decode(row["tails"], type=list[Tail]),
        state=row["sha256_state"],
        writer=row["writer"],
        expires_at=row["expires_at"],
        video_id=row["video_id"],
        duplicate=row["duplicate"],
    )
