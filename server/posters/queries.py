"""SQL of what authors ask their posters to be, one wish a video."""

from uuid import UUID

import msgspec

from server.posters.wire import Wish
from server.videos.wire import Failure
from storage.postgres import Rows

WISH = "SELECT token, at_ms, photo_sha256, state, error_code, error_detail FROM poster_wish WHERE video_id = $1"
PUT = """
INSERT INTO poster_wish (video_id, token, at_ms, photo_sha256)
VALUES ($1, $2, $3, $4)
ON CONFLICT (video_id) DO UPDATE
SET token = excluded.token, at_ms = excluded.at_ms, photo_sha256 = excluded.photo_sha256, state = 'waiting',
    error_code = NULL, error_detail = NULL
"""
DONE = "UPDATE poster_wish SET state = 'done' WHERE video_id = $1"
REFUSED = "UPDATE poster_wish SET state = 'refused', error_code = $2, error_detail = $3 WHERE video_id = $1"
USED = """
SELECT count(*) AS jobs, ceil(extract(epoch FROM min(created_at) + make_interval(secs => $2) - now()))::integer AS seconds
FROM job
WHERE shard = 0 AND kind = 'poster' AND account_id = $1 AND created_at > now() - make_interval(secs => $2)
"""
FORGET = "DELETE FROM poster_wish WHERE video_id = $1"
DURATION = "SELECT duration_ms FROM video WHERE id = $1"
# Of what is archived there is one file.
# Else the most pixels of what is not too large to fetch for one picture. Of a variant of the stream the track has the pictures;
# those for scrubbing are a second apart.
BEST_SOURCE = """
SELECT CASE kind WHEN 'mp4' THEN name ELSE facts ->> 'track' END AS name, generation, width, height
FROM rendition
LEFT JOIN video_tier AS t ON t.video_id = rendition.video_id AND t.tier IN ('archived', 'restoring')
WHERE rendition.video_id = $1 AND kind <> 'iframes' AND (t.video_id IS NULL OR generation || '/' || name = t.warm_path)
ORDER BY rendition.bytes <= $2 DESC, CASE WHEN rendition.bytes <= $2 THEN width * height ELSE -rendition.bytes END DESC,
    kind = 'mp4' DESC, rendition.bytes DESC
LIMIT 1
"""


CHOSEN = """
SELECT id, author_id, own_poster AS poster
FROM video
WHERE own_poster IS NOT NULL AND id > $1
ORDER BY id
LIMIT $2
"""
OWN_POSTER = "SELECT own_poster FROM video WHERE id = $1"


class Source(msgspec.Struct, frozen=True):
    """A file of the video that shows it well."""

    name: str
    generation: int
    width: int
    height: int


class Chosen(msgspec.Struct, frozen=True):
    """A video that shows a poster of its author's choice: a path below its media."""

    id: UUID
    author_id: UUID
    poster: str


async def wish(conn: Rows, video_id: UUID) -> Wish | None:
    """What its author asked for last."""
    row = await conn.fetchrow(WISH, video_id)
    return Wish(**row) if row else None


async def put(conn: Rows, video_id: UUID, wanted: Wish) -> None:
    """Wait for this one, instead of whatever was asked for before."""
    await conn.execute(PUT, video_id, wanted.token, wanted.at_ms, wanted.photo_sha256)


async def done(conn: Rows, video_id: UUID) -> None:
    await conn.execute(DONE, video_id)


async def refused(conn: Rows, video_id: UUID, why: Failure) -> None:
    await conn.execute(REFUSED, video_id, why.code, why.detail)


async def forget(conn: Rows, video_id: UUID) -> None:
    await conn.execute(FORGET, video_id)


async def used(conn: Rows, account_id: UUID, seconds: float) -> tuple[int, int]:
    """How many posters the account asked for in the last seconds, and in how many the first of them does not count any more."""
    row = await conn.fetchrow(USED, account_id, seconds)
    assert row is not None
    return row["jobs"], row["seconds"] or 0


async def duration_ms(conn: Rows, video_id: UUID) -> int:
    """Of a video that plays."""
    found: int = await conn.fetchval(DURATION, video_id)
    return found


async def best_source(conn: Rows, video_id: UUID, most_bytes: int) -> Source | None:
    """What a poster is made of; None when the video is gone."""
    row = await conn.fetchrow(BEST_SOURCE, video_id, most_bytes)
    return Source(**row) if row else None


async def chosen(conn: Rows, after: UUID, limit: int) -> list[Chosen]:
    """A slice of the videos that show a poster of their authors' choice, by id."""
    return [Chosen(**row) for row in await conn.fetch(CHOSEN, after, limit)]


async def own_poster(conn: Rows, video_id: UUID) -> str | None:
    """The chosen poster that is shown."""
    found: str | None = await conn.fetchval(OWN_POSTER, video_id)
    return found
