"""Answers that are kept for repeats: the table, and what its rows say. The rules are in idempotency.py."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from asyncpg import Record

from storage.postgres import Rows

KEPT_SECONDS = 86_400.0
"""So long after it was given an answer is given again."""
LEASE_SECONDS = 30.0
"""So long after its last sign of life a request that holds a key is believed to run."""
SWEPT_AT_ONCE = 1_000

# The lock only tells who is first while the first one has not committed; that there is one answer alone is the primary key's to
# guarantee. So it does not matter that such locks are known to one node only, or that two keys may share one.
LOOK = """
SELECT pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', $1::uuid, $2::text, $3::text), 0)) AS alone,
    k.until IS NOT NULL AS there, k.content, k.status, k.headers, k.body
FROM (VALUES (true)) AS always (one)
LEFT JOIN kept_answer AS k ON k.account_id = $1 AND k.path = $2 AND k.key = $3 AND k.until > now()
"""
LOOK_ALL = """
SELECT pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', account_id, path, key), 0)) AS alone,
    k.until IS NOT NULL AS there, k.content, k.status, k.headers, k.body
FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS asked (account_id, path, key, nth)
LEFT JOIN LATERAL (
    SELECT until, content, status, headers, body
    FROM kept_answer AS k
    WHERE k.account_id = asked.account_id AND k.path = asked.path AND k.key = asked.key AND k.until > now()
    LIMIT 1
) AS k ON true
ORDER BY nth
"""
# In the order of keys, whoever keeps: two who keep the same ones wait for each other only one way.
KEEP_ALL = """
INSERT INTO kept_answer AS k (account_id, path, key, until, content, status, headers, body)
SELECT account_id, path, key, now() + make_interval(secs => $4), content, status, headers, body
FROM unnest($1::uuid[], $2::text[], $3::text[], $5::bytea[], $6::smallint[], $7::jsonb[], $8::bytea[])
    AS t (account_id, path, key, content, status, headers, body)
ORDER BY account_id, path, key
ON CONFLICT (account_id, path, key) DO UPDATE
SET holder = NULL, until = excluded.until,
    content = excluded.content, status = excluded.status, headers = excluded.headers, body = excluded.body
WHERE k.until <= now()
RETURNING account_id, path, key
"""
KEEP = """
INSERT INTO kept_answer AS k (account_id, path, key, until, content, status, headers, body)
VALUES ($1, $2, $3, now() + make_interval(secs => $4), $5, $6, $7, $8)
ON CONFLICT (account_id, path, key) DO UPDATE
SET holder = NULL, until = excluded.until,
    content = excluded.content, status = excluded.status, headers = excluded.headers, body = excluded.body
WHERE k.until <= now()
RETURNING true
"""

HOLD = """
INSERT INTO kept_answer AS k (account_id, path, key, holder, until)
VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))
ON CONFLICT (account_id, path, key) DO UPDATE
SET holder = excluded.holder, until = excluded.until, content = NULL, status = NULL, headers = NULL, body = NULL
WHERE k.until <= now()
RETURNING true
"""
FIND = """
SELECT content, status, headers, body
FROM kept_answer
WHERE account_id = $1 AND path = $2 AND key = $3 AND until > now() AND status IS NOT NULL
"""
RENEW = """
UPDATE kept_answer
SET until = now() + make_interval(secs => $5)
WHERE account_id = $1 AND path = $2 AND key = $3 AND holder = $4 AND status IS NULL
RETURNING true
"""
# Whoever was given up for dead and has a successor keeps nothing: the transaction that this is part of must not commit then.
KEEP_HELD = """
UPDATE kept_answer
SET until = now() + make_interval(secs => $5), content = $6, status = $7, headers = $8, body = $9
WHERE account_id = $1 AND path = $2 AND key = $3 AND holder = $4 AND status IS NULL
RETURNING true
"""
RELEASE = "DELETE FROM kept_answer WHERE account_id = $1 AND path = $2 AND key = $3 AND holder = $4 AND status IS NULL"

# The time is asked for once more because the row may have been taken anew between the two.
SWEEP = """
DELETE FROM kept_answer
WHERE until <= now() AND (account_id, path, key) IN (
    SELECT account_id, path, key
    FROM kept_answer
    WHERE until <= now()
    ORDER BY until
    LIMIT $1
)
RETURNING true
"""
FORGET = """
DELETE FROM kept_answer
WHERE account_id = $1 AND (path, key) IN (SELECT path, key FROM kept_answer WHERE account_id = $1 LIMIT $2)
RETURNING true
"""


class Place(msgspec.Struct, frozen=True):
    """What a key belongs to: `path` with whichever ids in their canonical form, and the account that sent it."""

    account_id: UUID
    path: str
    key: str


class Answer(msgspec.Struct, frozen=True):
    """An answer as it is sent, and sent again: `headers` without those that every answer of its kind has."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = {}


class Kept(msgspec.Struct, frozen=True):
    """The first answer, and the fingerprint of what was asked for."""

    content: bytes
    answer: Answer


class Found(msgspec.Struct, frozen=True):
    """What one finds who comes with a key: the answer, or that another request has the key, or neither."""

    kept: Kept | None
    busy: bool


async def look(conn: Rows, place: Place) -> Found:
    """What is there. With nothing there, the place is the caller's own until its transaction ends, and others find it busy."""
    row = await conn.fetchrow(LOOK, place.account_id, place.path, place.key)
    assert row is not None
    kept = _kept(row) if row["status"] is not None else None
    return Found(kept, kept is None and (row["there"] or not row["alone"]))


async def keep(conn: Rows, place: Place, kept: Kept) -> bool:
    """Keep it; False where there is another one, or another request has the key by now."""
    values = (place.account_id, place.path, place.key, KEPT_SECONDS, *_values(kept))
    return await conn.fetchval(KEEP, *values) is not None


async def look_all(conn: Rows, places: Sequence[Place]) -> list[Found]:
    """The same of several places, each of them once."""
    rows = await conn.fetch(LOOK_ALL, *_columns(places))
    found = [_kept(row) if row["status"] is not None else None for row in rows]
    return [Found(one, one is None and (row["there"] or not row["alone"])) for one, row in zip(found, rows, strict=True)]


async def keep_all(conn: Rows, answers: Mapping[Place, Kept]) -> set[Place]:
    """Keep them; those that are kept, for there may be other answers, or other requests have the keys by now."""
    columns = zip(*map(_values, answers.values()), strict=True)
    rows = await conn.fetch(KEEP_ALL, *_columns(list(answers)), KEPT_SECONDS, *map(list, columns))
    return {Place(row["account_id"], row["path"], row["key"]) for row in rows}


def _columns(places: Sequence[Place]) -> tuple[list[UUID], list[str], list[str]]:
    return [one.account_id for one in places], [one.path for one in places], [one.key for one in places]


async def hold(conn: Rows, place: Place, holder: UUID) -> Found:
    """Take the key for LEASE_SECONDS, if there is nothing there."""
    where = (place.account_id, place.path, place.key)
    if await conn.fetchval(HOLD, *where, holder, LEASE_SECONDS):
        return Found(None, busy=False)
    row = await conn.fetchrow(FIND, *where)
    return Found(_kept(row) if row else None, busy=row is None)


async def renew(conn: Rows, place: Place, holder: UUID) -> bool:
    """Go on holding the key for LEASE_SECONDS from now; False where it is somebody else's, or has its answer."""
    return await conn.fetchval(RENEW, place.account_id, place.path, place.key, holder, LEASE_SECONDS) is not None


async def keep_held(conn: Rows, place: Place, holder: UUID, kept: Kept) -> bool:
    """Keep the answer of the request that holds the key; False where that is not this one any more."""
    where = (place.account_id, place.path, place.key, holder)
    return await conn.fetchval(KEEP_HELD, *where, KEPT_SECONDS, *_values(kept)) is not None


async def release(conn: Rows, place: Place, holder: UUID) -> None:
    """Give the key back, unless its answer is kept."""
    await conn.execute(RELEASE, place.account_id, place.path, place.key, holder)


async def sweep(conn: Rows) -> None:
    """Delete what nobody is answered with any more (a periodic job)."""
    while len(await conn.fetch(SWEEP, SWEPT_AT_ONCE)) == SWEPT_AT_ONCE:
        pass


async def forget(conn: Rows, account_id: UUID, limit: int) -> int:
    """The account is being deleted: so are some of its answers, at most `limit`; how many these were."""
    return len(await conn.fetch(FORGET, account_id, limit))


def _kept(row: Record) -> Kept:
    headers = msgspec.json.decode(row["headers"], type=dict[str, str])
    return Kept(row["content"], Answer(row["status"], row["body"], headers))


def _values(kept: Kept) -> tuple[bytes, int, str, bytes]:
    return kept.content, kept.answer.status, msgspec.json.encode(kept.answer.headers).decode(), kept.answer.body
