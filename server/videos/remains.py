"""What is left of deleted videos, by video: written when one is deleted or is about to be, gone when nothing is left of it."""

from collections.abc import Sequence
from uuid import UUID

from storage.postgres import Rows

LEAVE = "INSERT INTO video_remains (video_id) SELECT unnest($1::uuid[]) ON CONFLICT (video_id) DO NOTHING"
WAITING = "SELECT video_id FROM video_remains ORDER BY at LIMIT $1"
HOLD = "SELECT true FROM video_remains WHERE video_id = $1 FOR UPDATE"
OVER = "DELETE FROM video_remains WHERE video_id = $1"


def walk_along(table: str) -> str:
    """A statement that goes along the videos of a table whose key begins with `video_id`.

    From one video to the next by the index, however many rows each has. $1: the video to begin behind; $2: how many. It gives
    `video_id`, in this order, and `gone`: whether there is no such video.
    """
    return f"""
WITH RECURSIVE walked (video_id, nth) AS (
    (SELECT video_id, 1 FROM {table} WHERE video_id > $1 ORDER BY video_id LIMIT 1)
    UNION ALL
    SELECT (SELECT t.video_id FROM {table} AS t WHERE t.video_id > walked.video_id ORDER BY t.video_id LIMIT 1), nth + 1
    FROM walked
    WHERE walked.video_id IS NOT NULL AND nth < $2
)
SELECT video_id, NOT EXISTS (SELECT FROM video WHERE id = walked.video_id) AS gone
FROM walked
WHERE video_id IS NOT NULL
ORDER BY video_id
"""  # noqa: S608 - names of ours


def forget_some(table: str, by: str, each: str) -> str:
    """A statement that deletes at most $2 rows of a table whose `by` is $1, a row for each `each`, and gives a row for each.

    Looked up by an array: a join would compare each with each.
    """
    return f"""
DELETE FROM {table}
WHERE {by} = $1 AND {each} = ANY(ARRAY(SELECT {each} FROM {table} WHERE {by} = $1 LIMIT $2))
RETURNING true
"""  # noqa: S608 - names of ours


async def leave(conn: Rows, video_ids: Sequence[UUID]) -> None:
    """Something may be left of these videos, which are deleted, or will be: nobody new holds them from now on."""
    await conn.execute(LEAVE, list(video_ids))


async def waiting(conn: Rows, limit: int) -> list[UUID]:
    """Videos of which something may be left, the first deleted ones first."""
    return [row["video_id"] for row in await conn.fetch(WAITING, limit)]


async def hold(conn: Rows, video_id: UUID) -> bool:
    """Have it alone until the transaction ends; False where nothing is left of it."""
    return await conn.fetchval(HOLD, video_id) is not None


async def over(conn: Rows, video_id: UUID) -> None:
    """Nothing is left of it."""
    await conn.execute(OVER, video_id)
