"""SQL of a video's way from `uploaded` to `ready` or `failed`; every step is written under the job's lease."""

from uuid import UUID

import msgspec

from server.counts import truth
from server.videos import tagged
from server.videos.wire import Failure, Part, RawObject, Status
from storage.postgres import Rows

RAW = """
SELECT r.key, r.multipart_id, r.parts, v.raw_bytes
FROM video AS v
JOIN raw_object AS r ON r.video_id = v.id
WHERE v.id = $1
"""
RAW_IS_WHOLE = "UPDATE raw_object SET multipart_id = NULL, parts = '[]' WHERE video_id = $1"
# What failed for a reason that may pass begins again.
BEGIN = """
UPDATE video
SET status = 'processing', error_code = NULL, error_detail = NULL
WHERE id = $1 AND status IN ('uploaded', 'failed')
"""
PROGRESS = """
UPDATE video
SET progress = greatest(progress, $2)
WHERE id = $1 AND status IN ('processing', 'playable')
RETURNING status, progress
"""
PLAYABLE = """
UPDATE video
SET status = 'playable', generation = $2, duration_ms = $3, width = $4,
    height = $5, thumbhash = $6, poster = $7, progress = greatest(progress, $8), audio = NULL
WHERE id = $1
"""
SOUND = "UPDATE video SET audio = $2, audio_generation = $3 WHERE id = $1"
PICTURED = "UPDATE video SET preview = $2, storyboard = $3 WHERE id = $1"
READY = "UPDATE video SET status = 'ready', progress = 1 WHERE id = $1"
FAILED = """
UPDATE video
SET status = 'failed', error_code = $2, error_detail = $3
WHERE id = $1 AND status IN ('uploaded', 'processing')
RETURNING raw_sha256, progress
"""
# What plays of it is not worth showing: it is as if nothing ever had.
WITHDRAWN = """
UPDATE video
SET status = 'failed', error_code = $2, error_detail = $3, published_at = NULL, generation = NULL, audio = NULL,
    duration_ms = NULL, width = NULL, height = NULL, poster = NULL, thumbhash = NULL, own_poster = NULL, own_thumbhash = NULL
WHERE id = $1 AND status = 'playable'
RETURNING raw_sha256, progress, created_at, hashtags
"""
# No more of it will play.
SETTLED = "UPDATE video SET status = 'ready', progress = 1 WHERE id = $1 AND status = 'playable' RETURNING true"
REOPENED = "UPDATE video SET status = 'playable' WHERE id = $1 AND status = 'ready'"
# With its number as well: whoever reads the log takes numbers without a row for what was deleted. It may be published again.
UNPUBLISH = "DELETE FROM publication WHERE author_id = $1 AND video_id = $2"
LIST_PLAYS = "UPDATE author_video SET plays = true WHERE author_id = $1 AND video_id = $2"
UNLIST_PLAYS = "UPDATE author_video SET plays = false, at = $3 WHERE author_id = $1 AND video_id = $2"
CLEAR_RENDITIONS = "DELETE FROM rendition WHERE video_id = $1"
INSERT_RENDITION = """
INSERT INTO rendition (video_id, name, kind, generation, width, height, bitrate, bytes, facts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
DROP_RENDITION = "DELETE FROM rendition WHERE video_id = $1 AND name = $2"
DROP_OTHERS = "DELETE FROM rendition WHERE video_id = $1 AND (generation <> $2 OR name <> $3)"
FORGET_RAW = "DELETE FROM raw_object WHERE video_id = $1 RETURNING key"


class NewRendition(msgspec.Struct, frozen=True):
    """Something that plays, read back; it lies below `generation`. `facts` is what its playlist needs, as JSON."""

    name: str
    kind: str
    generation: int
    width: int
    height: int
    bitrate: int
    size: int
    facts: bytes


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a video when its first source plays; `poster` is a path, `{generation}/{name}`."""

    generation: int
    duration_ms: int
    width: int
    height: int
    thumbhash: str
    poster: str
    progress: float


async def original(conn: Rows, video_id: UUID) -> RawObject | None:
    """What the job starts from; None when the video is gone."""
    row = await conn.fetchrow(RAW, video_id)
    if row is None:
        return None
    parts = msgspec.json.decode(row["parts"], type=list[Part])
    return RawObject(row["key"], row["multipart_id"], parts, row["raw_bytes"])


async def raw_is_whole(conn: Rows, video_id: UUID) -> None:
    """The multipart upload was completed."""
    await conn.execute(RAW_IS_WHOLE, video_id)


async def begin(conn: Rows, video_id: UUID) -> None:
    await conn.execute(BEGIN, video_id)


async def progress(conn: Rows, video_id: UUID, share: float) -> tuple[Status, float] | None:
    """Note how far it is; status and progress as they are then, None when nobody waits for it."""
    row = await conn.fetchrow(PROGRESS, video_id, share)
    return (row["status"], row["progress"]) if row else None


async def playable(conn: Rows, video_id: UUID, author_id: UUID, start: Start, sources: list[NewRendition]) -> None:
    """The first source plays: these renditions, of this generation, are what there is now."""
    facts = (start.duration_ms, start.width, start.height, start.thumbhash, start.poster, start.progress)
    await conn.execute(PLAYABLE, video_id, start.generation, *facts)
    await conn.execute(LIST_PLAYS, author_id, video_id)
    await conn.execute(CLEAR_RENDITIONS, video_id)
    await insert(conn, video_id, sources)


async def add(conn: Rows, video_id: UUID, more: list[NewRendition], audio: bytes | None, generation: int) -> None:
    """More of it plays; the sound of its stream lies below `generation`."""
    await insert(conn, video_id, more)
    await conn.execute(SOUND, video_id, audio.decode() if audio else None, generation)


async def drop(conn: Rows, video_id: UUID, name: str) -> None:
    """A better rendition stands in for this one."""
    await conn.execute(DROP_RENDITION, video_id, name)


async def pictured(conn: Rows, video_id: UUID, preview: str, storyboard: str) -> None:
    """The paths of the pictures for those who look around."""
    await conn.execute(PICTURED, video_id, preview, storyboard)


async def ready(conn: Rows, video_id: UUID) -> None:
    """All of it plays."""
    await conn.execute(READY, video_id)


async def settled(conn: Rows, video_id: UUID) -> bool:
    """What plays of it is all that ever will; False when it does not play, or is ready."""
    return await conn.fetchval(SETTLED, video_id) is not None


async def reopened(conn: Rows, video_id: UUID) -> None:
    """Some of what plays is lost, and made again: until then it is not all there."""
    await conn.execute(REOPENED, video_id)


async def drop_others(conn: Rows, video_id: UUID, generation: int, name: str) -> None:
    """Only this rendition is left."""
    await conn.execute(DROP_OTHERS, video_id, generation, name)


async def failed(conn: Rows, video_id: UUID, failure: Failure) -> tuple[bytes, float] | None:
    """It will never play; the original's SHA-256 and how far it had come, None when it plays already or is gone."""
    row = await conn.fetchrow(FAILED, video_id, failure.code, failure.detail)
    return (row["raw_sha256"], row["progress"]) if row else None


async def withdrawn(conn: Rows, video_id: UUID, author_id: UUID, failure: Failure) -> tuple[bytes, float] | None:
    """It plays, and will no more; the same of it, None when it does not, or all of it does."""
    row = await conn.fetchrow(WITHDRAWN, video_id, failure.code, failure.detail)
    if row is None:
        return None
    await conn.execute(UNPUBLISH, author_id, video_id)
    await conn.execute(UNLIST_PLAYS, author_id, video_id, row["created_at"])
    await tagged.unlist(conn, video_id, row["hashtags"])
    await truth.mend_public_videos(conn, author_id)
    await conn.execute(CLEAR_RENDITIONS, video_id)
    return row["raw_sha256"], row["progress"]


async def forget_raw(conn: Rows, video_id: UUID) -> str | None:
    """Forget the original; its key."""
    key: str | None = await conn.fetchval(FORGET_RAW, video_id)
    return key


async def insert(conn: Rows, video_id: UUID, renditions: list[NewRendition]) -> None:
    """These play as well."""
    rows = [(video_id, r.name, r.kind, r.generation, r.width, r.height, r.bitrate, r.size, r.facts.decode()) for r in renditions]
    await conn.executemany(INSERT_RENDITION, rows)
