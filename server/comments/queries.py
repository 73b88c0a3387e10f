"""SQL of comments; they live on their video's shard, newest first by id (UUIDv7)."""

from collections.abc import Sequence
from uuid import UUID

from server.comments.wire import CommentRow
from server.sight.queries import in_sight
from server.videos.remains import forget_some, walk_along
from storage.postgres import Rows

COLUMNS = "video_id, id, author_id, text, created_at"

INSERT = """
INSERT INTO comment (video_id, id, author_id, text, created_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[])
"""
OF_VIDEO = f"""
SELECT {COLUMNS}
FROM comment
WHERE video_id = $1 AND id < $2
  AND {in_sight("comment.author_id", "$4")}
ORDER BY id DESC
LIMIT $3
"""  # noqa: S608 - constants of ours
NEWEST = f"""
SELECT c.video_id, c.id, c.author_id, c.text, c.created_at
FROM unnest($1::uuid[]) AS wanted (video_id)
CROSS JOIN LATERAL (
    SELECT video_id, id, author_id, text, created_at
    FROM comment
    WHERE video_id = wanted.video_id
      AND {in_sight("comment.author_id", "$3")}
    ORDER BY id DESC
    LIMIT $2
) AS c
"""  # noqa: S608 - a condition of ours
# `DELETE /comments/{id}` names no video: the place is looked up by the id alone.
FIND = f"""
SELECT {COLUMNS}, NOT ({in_sight("comment.author_id", "$2")}) AS hidden FROM comment WHERE id = $1
"""  # noqa: S608 - constants of ours
STORED = """
SELECT c.video_id, c.id, c.author_id, c.text, c.created_at
FROM unnest($1::uuid[], $2::uuid[]) AS asked (video_id, id)
JOIN comment AS c USING (video_id, id)
"""
DELETE = "DELETE FROM comment WHERE video_id = $1 AND id = $2 RETURNING true"
OF_AUTHOR = f"SELECT {COLUMNS} FROM comment WHERE author_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"  # noqa: S608 - ours
# Looked up by arrays: of a join the planner believes that it has few rows on either side, and compares each with each.
FORGET = f"""
DELETE FROM comment
WHERE author_id = $1 AND id = ANY(ARRAY(SELECT id FROM comment WHERE author_id = $1 ORDER BY id LIMIT $2))
RETURNING {COLUMNS}
"""  # noqa: S608 - a constant of ours
FORGET_OF_VIDEO = forget_some("comment", by="video_id", each="id")
WALK = walk_along("comment")


async def insert(conn: Rows, comments: Sequence[CommentRow]) -> None:
    """Their videos are held by the transaction."""
    columns = zip(*((one.video_id, one.id, one.author_id, one.text, one.created_at) for one in comments), strict=True)
    await conn.execute(INSERT, *map(list, columns))


async def of_video(conn: Rows, video_id: UUID, viewer_id: UUID | None, before: UUID, limit: int) -> list[CommentRow]:
    """Those that the viewer sees."""
    return [CommentRow(**row) for row in await conn.fetch(OF_VIDEO, video_id, before, limit, viewer_id)]


async def newest(conn: Rows, video_ids: Sequence[UUID], viewer_id: UUID | None, each: int) -> dict[UUID, list[CommentRow]]:
    """The newest few of each video that the viewer sees, newest first."""
    found: dict[UUID, list[CommentRow]] = {video_id: [] for video_id in video_ids}
    for row in await conn.fetch(NEWEST, list(video_ids), each, viewer_id):
        found[row["video_id"]].append(CommentRow(**row))
    return found


async def find(conn: Rows, comment_id: UUID, viewer_id: UUID) -> tuple[CommentRow, bool] | None:
    """The comment, and whether who wrote it is hidden from the viewer."""
    row = await conn.fetchrow(FIND, comment_id, viewer_id)
    return (CommentRow(*row[:-1]), row["hidden"]) if row else None


async def stored(conn: Rows, comments: Sequence[CommentRow]) -> list[CommentRow]:
    """Those of these that are still there, as they are now, in any order."""
    return await at(conn, [(comment.video_id, comment.id) for comment in comments])


async def at(conn: Rows, places: Sequence[tuple[UUID, UUID]]) -> list[CommentRow]:
    """Those of these (video, id) that are there, as they are now, in any order."""
    rows = await conn.fetch(STORED, [video_id for video_id, _ in places], [comment_id for _, comment_id in places])
    return [CommentRow(**row) for row in rows]


async def delete(conn: Rows, comment: CommentRow) -> bool:
    """Whether it was still there."""
    return await conn.fetchval(DELETE, comment.video_id, comment.id) is not None


async def of_author(conn: Rows, author_id: UUID, before: UUID, limit: int) -> list[CommentRow]:
    """A page of what somebody wrote, wherever that was, newest first."""
    return [CommentRow(**row) for row in await conn.fetch(OF_AUTHOR, author_id, before, limit)]


async def forget(conn: Rows, author_id: UUID, limit: int) -> list[CommentRow]:
    """Delete some of what somebody wrote; which these were."""
    return [CommentRow(**row) for row in await conn.fetch(FORGET, author_id, limit)]


async def forget_of_video(conn: Rows, video_id: UUID, limit: int) -> int:
    """Delete some comments of a video that is deleted; how many these were."""
    return len(await conn.fetch(FORGET_OF_VIDEO, video_id, limit))


async def walk(conn: Rows, after: UUID, limit: int) -> list[tuple[UUID, bool]]:
    """The next videos that were commented on, in the order of ids, and whether each is gone."""
    return [(row["video_id"], row["gone"]) for row in await conn.fetch(WALK, after, limit)]
