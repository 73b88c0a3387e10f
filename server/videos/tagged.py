"""SQL of the pages of hashtags: public videos that play, listed by tag. `hashtag_video` is spread by the tag."""

from collections.abc import Sequence
from uuid import UUID

from server.kit.paging import After
from server.sight.queries import in_sight
from server.videos.wire import Listed
from storage.postgres import Rows

MAX_TAG_BYTES = 2000
"""Longer tags have no page: an entry of an index holds 2,704 bytes, and a longer path would not come through to be asked for."""

# What was published plays: the table `video` sees to that.
LIST = """
INSERT INTO hashtag_video (tag, video_id, author_id, at)
SELECT tag, v.id, v.author_id, v.published_at
FROM video AS v
CROSS JOIN unnest(v.hashtags) AS tag
WHERE v.id = $1 AND v.published_at IS NOT NULL AND v.visibility = 'public' AND octet_length(tag) <= $2
ON CONFLICT (tag, video_id) DO NOTHING
"""
UNLIST = "DELETE FROM hashtag_video WHERE tag = ANY($1) AND video_id = $2"
TAGGED = f"""
SELECT at, video_id
FROM hashtag_video
WHERE tag = $1 AND (at, video_id) < ($2, $3)
  AND {in_sight("hashtag_video.author_id", "$5")}
ORDER BY at DESC, video_id DESC
LIMIT $4
"""  # noqa: S608 - a condition of ours
# From each tag to the next one, by the index: however many videos have it.
BEGINNING_WITH = """
WITH RECURSIVE found (tag, nth) AS (
    (SELECT tag, 1 FROM hashtag_video WHERE tag >= $1 AND tag < $2 ORDER BY tag LIMIT 1)
    UNION ALL
    SELECT (SELECT h.tag FROM hashtag_video AS h WHERE h.tag > found.tag AND h.tag < $2 ORDER BY h.tag LIMIT 1), nth + 1
    FROM found
    WHERE found.tag IS NOT NULL AND nth < $3
)
SELECT tag FROM found WHERE tag IS NOT NULL ORDER BY tag
"""
COUNT = """
SELECT asked.tag, counted.videos
FROM unnest($1::text[]) AS asked (tag)
CROSS JOIN LATERAL (
    SELECT count(*) AS videos FROM (SELECT FROM hashtag_video AS h WHERE h.tag = asked.tag LIMIT $2) AS one
) AS counted
"""


async def list_(conn: Rows, video_id: UUID) -> None:
    """List the video under its tags, if it is public and was published."""
    await conn.execute(LIST, video_id, MAX_TAG_BYTES)


async def unlist(conn: Rows, video_id: UUID, tags: Sequence[str]) -> None:
    """List the video under these tags no more."""
    await conn.execute(UNLIST, list(tags), video_id)


async def tagged(conn: Rows, tag: str, viewer_id: UUID | None, after: After, limit: int) -> list[Listed]:
    """A page of the videos with a tag, but for those of whom the viewer sees nothing."""
    return [Listed(**row) for row in await conn.fetch(TAGGED, tag, after.at, after.id, limit, viewer_id)]


async def beginning_with(conn: Rows, beginning: str, end: str, limit: int) -> list[str]:
    """Tags that have videos, from `beginning` to before `end`, in the order of bytes."""
    return [row["tag"] for row in await conn.fetch(BEGINNING_WITH, beginning, end, limit)]


async def count(conn: Rows, tags: Sequence[str], most: int) -> dict[str, int]:
    """How many videos each of these tags has, counted no further than `most`."""
    return {row["tag"]: row["videos"] for row in await conn.fetch(COUNT, list(tags), most)}
