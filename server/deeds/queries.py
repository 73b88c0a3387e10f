"""SQL of deeds: appended by whoever does something, taken in batches by whoever tells of it. By shard, as `job` is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.deeds.wire import Deed, Taken
from storage.postgres import Rows

# By the account: two processes that take at once mostly have different accounts to tell.
APPEND = """
INSERT INTO deed (shard, id, account_id, kind, subject_id, by_id, comment_id, at)
SELECT get_byte(uuid_send(account_id), 15) % $8::integer, id, account_id, kind, subject_id, by_id, comment_id, coalesce(at, now())
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::timestamptz[])
    AS t (id, account_id, kind, subject_id, by_id, comment_id, at)
"""
WAITING = """
SELECT shard
FROM generate_series(0, $1::integer - 1) AS s (shard)
CROSS JOIN LATERAL (SELECT FROM deed WHERE deed.shard = s.shard ORDER BY id LIMIT 1) AS d
"""
# Materialized, and looked up by an array, as where views are folded (server/plays/queries.py).
TAKE = """
WITH due AS MATERIALIZED (
    SELECT id FROM deed WHERE shard = $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
), taken AS (
    DELETE FROM deed
    WHERE shard = $1 AND id = ANY(ARRAY(SELECT id FROM due))
    RETURNING account_id, kind, subject_id, by_id, comment_id, at
)
SELECT account_id, kind, subject_id, by_id, comment_id, min(at) AS first_at, max(at) AS last_at, count(*) AS deeds
FROM taken
GROUP BY account_id, kind, subject_id, by_id, comment_id
ORDER BY account_id, kind, subject_id
"""
FORGET = "DELETE FROM deed WHERE shard = get_byte(uuid_send($1), 15) % $2::integer AND account_id = $1"
FORGET_MENTIONS = "DELETE FROM deed WHERE by_id = $1"


async def append(conn: Rows, rows: Sequence[tuple[UUID, Deed, datetime | None]], shards: int) -> None:
    """Keep these deeds with their ids; without a moment it is that of the transaction."""
    columns: list[list[object]] = [[], [], [], [], [], [], []]
    for identity, deed, at in rows:
        values = (identity, deed.account_id, deed.kind, deed.subject_id)
        mention = (deed.by_id, deed.comment_id) if deed.kind == "mention" else (None, None)
        for column, value in zip(columns, (*values, *mention, at), strict=True):
            column.append(value)
    await conn.execute(APPEND, *columns, shards)


async def waiting(conn: Rows, shards: int) -> list[int]:
    """The shards in which something waits."""
    return [row["shard"] for row in await conn.fetch(WAITING, shards)]


async def take(conn: Rows, shard: int, limit: int) -> tuple[list[Taken], int]:
    """Take so many deeds at the most that nobody else is taking, in the order of accounts; and how many these were.

    They are gone when the caller's transaction commits.
    """
    rows = await conn.fetch(TAKE, shard, limit)
    taken = [Taken(**{name: row[name] for name in Taken.__struct_fields__}) for row in rows]
    return taken, sum(row["deeds"] for row in rows)


async def forget(conn: Rows, account_id: UUID, shards: int) -> None:
    """Forget what waits to be told to the account, and that it mentioned somebody."""
    await conn.execute(FORGET, account_id, shards)
    await conn.execute(FORGET_MENTIONS, account_id)
