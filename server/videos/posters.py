"""SQL of the poster that an author chose for a video, shown instead of the picked one."""

from uuid import UUID

from storage.postgres import Rows

SHOW = """
UPDATE video
SET own_poster = $2, own_thumbhash = $3
FROM (SELECT id, own_poster FROM video WHERE id = $1 FOR NO KEY UPDATE) AS before
WHERE video.id = before.id
RETURNING before.own_poster
"""


async def show(conn: Rows, video_id: UUID, poster: str | None, thumbhash: str | None) -> str | None:
    """Show this poster, a path below the video's media, or with None the picked one; the path of the one before it."""
    before: str | None = await conn.fetchval(SHOW, video_id, poster, thumbhash)
    return before
