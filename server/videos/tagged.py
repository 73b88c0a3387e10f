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


async def list_(conn: Rows, video_id: UUID) -> None:
    """List the video under its tags, if it is public and was published."""
    await conn.execute(LIST, video_id, MAX_TAG_BYTES)


async def unlist(conn: Rows, video_id: UUID, tags: Sequence[str]) -> None:
    """List the video under these tags no more."""
    await conn.execute(UNLIST, list(tags), video_id)


async def tagged(conn: Rows, tag: str, viewer_id: UUID | None, after: After, limit: int) -> list[Listed]:
    """A page of the videos with a tag, but for those of whom the viewer sees nothing."""
    return [Listed(**row) for row in await conn.fetch(TAGGED, tag, after.at, after.id, limit, viewer_id)]
