"""SQL of likes. The table is distributed by video, so that a video's likes live and are counted on its shard."""

from collections.abc import Sequence
from uuid import UUID

from server.likes.wire import Like
from storage.postgres import Rows

INSERT = """
INSERT INTO video_like (video_id, account_id, created_at)
SELECT id, $2, now() FROM video WHERE id = $1 FOR KEY SHARE
ON CONFLICT (video_id, account_id) DO NOTHING
RETURNING true
"""
DELETE = "DELETE FROM video_like WHERE video_id = $1 AND account_id = $2 RETURNING true"
OF_ACCOUNT = """
SELECT video_id, created_at FROM video_like WHERE account_id = $1 AND video_id < $2 ORDER BY video_id DESC LIMIT $3
"""
# Looked up by arrays: a join would compare each with each.
FORGET = """
DELETE FROM video_like
WHERE account_id = $1 AND video_id = ANY(ARRAY(SELECT video_id FROM video_like WHERE account_id = $1 LIMIT $2))
RETURNING video_id
"""
FORGET_OF_VIDEO = """
DELETE FROM video_like
WHERE video_id = $1 AND account_id = ANY(ARRAY(SELECT account_id FROM video_like WHERE video_id = $1 LIMIT $2))
RETURNING true
"""
COUNT = "SELECT video_id, count(*) AS likes FROM video_like WHERE video_id = ANY($1) GROUP BY video_id"
LIKED = "SELECT video_id FROM video_like WHERE video_id = ANY($1) AND account_id = $2"


async def insert(conn: Rows, video_id: UUID, account_id: UUID) -> bool:
    """Whether the like is new."""
    return await conn.fetchval(INSERT, video_id, account_id) is not None


async def delete(conn: Rows, video_id: UUID, account_id: UUID) -> bool:
    """Whether there was such a like."""
    return await conn.fetchval(DELETE, video_id, account_id) is not None


async def of_account(conn: Rows, account_id: UUID, before: UUID, limit: int) -> list[Like]:
    """A page of what an account likes, the newest videos first."""
    return [Like(**row) for row in await conn.fetch(OF_ACCOUNT, account_id, before, limit)]


async def forget(conn: Rows, account_id: UUID, limit: int) -> list[UUID]:
    """Take some likes of an account back; of which videos these were."""
    return [row["video_id"] for row in await conn.fetch(FORGET, account_id, limit)]


async def forget_of_video(conn: Rows, video_id: UUID, limit: int) -> int:
    """Delete some likes of a video that is to be deleted; how many these were."""
    return len(await conn.fetch(FORGET_OF_VIDEO, video_id, limit))


async def counts(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, int]:
    return {row["video_id"]: row["likes"] for row in await conn.fetch(COUNT, list(video_ids))}


async def liked_by(conn: Rows, video_ids: Sequence[UUID], account_id: UUID) -> set[UUID]:
    """Those of the videos that the account likes."""
    return {row["video_id"] for row in await conn.fetch(LIKED, list(video_ids), account_id)}
