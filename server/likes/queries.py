"""SQL of likes. The table is distributed by video, so that a video's likes live and are counted on its shard."""

from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

from server.likes.wire import Like
from server.videos.remains import forget_some, walk_along
from storage.postgres import Rows

Pair: TypeAlias = tuple[UUID, UUID]
"""A like: its video and its account."""

# In the order of keys, whoever likes: two who want the same rows wait for each other only one way.
INSERT = """
INSERT INTO video_like (video_id, account_id, created_at)
SELECT video_id, account_id, now()
FROM unnest($1::uuid[], $2::uuid[]) AS t (video_id, account_id)
ORDER BY video_id, account_id
ON CONFLICT (video_id, account_id) DO NOTHING
RETURNING video_id, account_id
"""
# The same: the rows are held in the order that was asked for, one by one, and deleted in any.
DELETE = """
WITH held AS MATERIALIZED (
    SELECT l.video_id, l.account_id
    FROM unnest($1::uuid[], $2::uuid[]) AS t (video_id, account_id)
    CROSS JOIN LATERAL (
        SELECT video_id, account_id
        FROM video_like
        WHERE video_id = t.video_id AND account_id = t.account_id
        LIMIT 1
        FOR UPDATE
    ) AS l
)
DELETE FROM video_like AS l
USING held
WHERE l.video_id = held.video_id AND l.account_id = held.account_id
RETURNING l.video_id, l.account_id
"""
# By the index of accounts: they lie on the shards of their videos.
OF_ACCOUNT = """
SELECT video_id, created_at FROM video_like WHERE account_id = $1 AND video_id < $2 ORDER BY video_id DESC LIMIT $3
"""
FORGET = """
DELETE FROM video_like
WHERE account_id = $1 AND video_id = ANY(ARRAY(SELECT video_id FROM video_like WHERE account_id = $1 LIMIT $2))
RETURNING video_id
"""
# Video by video, for else all that somebody likes might be read.
LIKED = """
SELECT asked.video_id
FROM unnest($1::uuid[]) AS asked (video_id)
CROSS JOIN LATERAL (SELECT FROM video_like AS l WHERE l.video_id = asked.video_id AND l.account_id = $2 LIMIT 1) AS liked
"""
FORGET_OF_VIDEO = forget_some("video_like", by="video_id", each="account_id")
WALK = walk_along("video_like")


async def insert(conn: Rows, pairs: Sequence[Pair]) -> list[Pair]:
    """Those of these likes that are new. Their videos are held by the transaction."""
    return await _changed(conn, INSERT, pairs)


async def delete(conn: Rows, pairs: Sequence[Pair]) -> list[Pair]:
    """Those of these likes that were there."""
    return await _changed(conn, DELETE, pairs)


async def of_account(conn: Rows, account_id: UUID, before: UUID, limit: int) -> list[Like]:
    """A page of what an account likes, the newest videos first."""
    return [Like(**row) for row in await conn.fetch(OF_ACCOUNT, account_id, before, limit)]


async def forget(conn: Rows, account_id: UUID, limit: int) -> list[UUID]:
    """Take some likes of an account back; of which videos these were."""
    return [row["video_id"] for row in await conn.fetch(FORGET, account_id, limit)]


async def forget_of_video(conn: Rows, video_id: UUID, limit: int) -> int:
    """Delete some likes of a video that is deleted; how many these were."""
    return len(await conn.fetch(FORGET_OF_VIDEO, video_id, limit))


async def walk(conn: Rows, after: UUID, limit: int) -> list[tuple[UUID, bool]]:
    """The next videos that are liked, in the order of ids, and whether each is gone."""
    return [(row["video_id"], row["gone"]) for row in await conn.fetch(WALK, after, limit)]


async def _changed(conn: Rows, statement: str, pairs: Sequence[Pair]) -> list[Pair]:
    if not pairs:
        return []
    ordered = sorted(pairs)
    rows = await conn.fetch(statement, [video_id for video_id, _ in ordered], [account_id for _, account_id in ordered])
    return [(row["video_id"], row["account_id"]) for row in rows]


async def liked_by(conn: Rows, video_ids: Sequence[UUID], account_id: UUID) -> set[UUID]:
    """Those of the videos that the account likes."""
    return {row["video_id"] for row in await conn.fetch(LIKED, list(video_ids), account_id)}
