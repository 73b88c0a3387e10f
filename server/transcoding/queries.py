"""SQL that compares: what other rooms wrote of videos, originals and objects, read in slices. Nothing is written here."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from server.videos.shared import OfFile
from storage.postgres import Rows

UNFINISHED = """
SELECT id, author_id
FROM video
WHERE status IN ('uploaded', 'processing', 'playable') AND id > $1 AND created_at < now() - make_interval(secs => $2)
ORDER BY id
LIMIT $3
"""
THERE = "SELECT id FROM video WHERE id = ANY($1)"
PICTURES = """
SELECT id, generation, audio_generation, ARRAY[poster, own_poster, preview, storyboard] AS paths
FROM video
WHERE id = ANY($1)
"""
FILES = "SELECT video_id, generation, name FROM rendition WHERE video_id = ANY($1)"
SMALLEST = "SELECT generation || '/' || name FROM rendition WHERE video_id = $1 AND kind = 'mp4' ORDER BY bytes, name LIMIT 1"
MADE = """
SELECT made_file.video_id, video.author_id
FROM made_file
JOIN video ON video.id = made_file.video_id
WHERE made_file.video_id > $1 AND video.status = 'ready'
ORDER BY made_file.video_id
LIMIT $2
"""
MADE_LOST = MADE.replace("WHERE ", "WHERE made_file.lost AND ")
LEAVING = "SELECT bucket, prefix FROM object_removal WHERE video_id = ANY($1)"
UPLOADS = "SELECT id FROM upload WHERE id = ANY($1)"
# By the upload that their keys name.
MULTIPARTS = """
SELECT multipart_id FROM upload WHERE id = ANY($1) AND multipart_id IS NOT NULL
UNION ALL
SELECT multipart_id FROM raw_object WHERE split_part(key, '/', 2) = ANY($1::uuid[]::text[]) AND multipart_id IS NOT NULL
"""
# No job is to come by for them, or not soon.
IN_PARTS = """
SELECT raw_object.video_id
FROM raw_object
JOIN video ON video.id = raw_object.video_id
WHERE raw_object.multipart_id IS NOT NULL AND raw_object.video_id > $1 AND video.status IN ('ready', 'failed')
  AND video.created_at < now() - make_interval(secs => $2)
ORDER BY raw_object.video_id
LIMIT $3
"""
ORIGINALS = "SELECT key FROM raw_object WHERE split_part(key, '/', 2) = ANY($1)"


class Unfinished(NamedTuple):
    """A video that is not ready, and has not failed."""

    id: UUID
    author_id: UUID


class Shown(NamedTuple):
    """What the rows of a video name: whole generations, and paths below it, `{generation}/{name}`."""

    generations: set[int]
    paths: set[str]


async def unfinished(conn: Rows, after: UUID, older_seconds: float, limit: int) -> list[Unfinished]:
    """A slice of these videos, by id."""
    return [Unfinished(*row) for row in await conn.fetch(UNFINISHED, after, older_seconds, limit)]


async def there(conn: Rows, video_ids: Sequence[UUID]) -> set[UUID]:
    """Those that exist."""
    return {row["id"] for row in await conn.fetch(THERE, list(video_ids))}


async def shown(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, Shown]:
    """What is named of each video that exists."""
    found: dict[UUID, Shown] = {}
    for row in await conn.fetch(PICTURES, list(video_ids)):
        paths = {path for path in row["paths"] if path}
        generations = {number for number in (row["generation"], row["audio_generation"]) if number is not None}
        starts = {path.partition("/")[0] for path in paths}
        found[row["id"]] = Shown(generations | {int(start) for start in starts if start.isdecimal()}, paths)
    for row in await conn.fetch(FILES, list(found)):
        found[row["video_id"]].generations.add(row["generation"])
        found[row["video_id"]].paths.add(f"{row['generation']}/{row['name']}")
    return found


async def smallest(conn: Rows, video_id: UUID) -> str | None:
    """The path of its smallest MP4, which is at hand in any case."""
    found: str | None = await conn.fetchval(SMALLEST, video_id)
    return found


async def made(conn: Rows, after: UUID, limit: int, *, marked: bool) -> list[OfFile]:
    """A slice of the videos that are ready and of which it is known what was made, by id; of all, or of those that lost some."""
    return [OfFile(*row) for row in await conn.fetch(MADE_LOST if marked else MADE, after, limit)]


async def leaving(conn: Rows, subjects: Sequence[UUID], bucket: str) -> tuple[str, ...]:
    """Prefixes that are on the list of what is removed."""
    return tuple(row["prefix"] for row in await conn.fetch(LEAVING, list(subjects)) if row["bucket"] == bucket)


async def uploads(conn: Rows, upload_ids: Sequence[UUID]) -> set[UUID]:
    """Uploads that exist, whosever they are."""
    return {row["id"] for row in await conn.fetch(UPLOADS, list(upload_ids))}


async def originals(conn: Rows, upload_ids: Sequence[UUID]) -> dict[UUID, set[str]]:
    """The keys of originals that came by these uploads."""
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for row in await conn.fetch(ORIGINALS, [str(upload_id) for upload_id in upload_ids]):
        found[UUID(row["key"].split("/")[1])].add(row["key"])
    return found


async def multiparts(conn: Rows, upload_ids: Sequence[UUID]) -> set[str]:
    """The multipart uploads that these uploads write to, or that an original which came by them consists of."""
    return {row["multipart_id"] for row in await conn.fetch(MULTIPARTS, list(upload_ids))}


async def in_parts(conn: Rows, after: UUID, older_seconds: float, limit: int) -> list[UUID]:
    """A slice of the videos that are over, and whose original is still a multipart upload, by id."""
    return [row["video_id"] for row in await conn.fetch(IN_PARTS, after, older_seconds, limit)]
