"""SQL that reads what a card shows of a video; written by the room `videos`, read here many at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.videos.wire import Status, Visibility
from storage.postgres import Rows

VIDEOS = """
SELECT id, author_id, title, description, hashtags, visibility, status, progress, error_code, error_detail, created_at,
       published_at, duration_ms, width, height, coalesce(own_thumbhash, thumbhash) AS thumbhash,
       coalesce(own_poster, poster) AS poster, preview, storyboard, audio, audio_generation, generation
FROM video
WHERE id = ANY($1)
"""
RENDITIONS = """
SELECT video_id, name, kind, generation, width, height, bitrate, bytes, facts
FROM rendition
WHERE video_id = ANY($1)
ORDER BY bitrate DESC, name
"""


class VideoRow(msgspec.Struct, frozen=True, kw_only=True):
    """A video as it is stored; `audio` is JSON text; pictures are paths, `{generation}/{name}`."""

    id: UUID
    author_id: UUID
    title: str
    description: str
    hashtags: list[str]
    visibility: Visibility
    status: Status
    progress: float
    error_code: str | None
    error_detail: str | None
    created_at: datetime
    published_at: datetime | None
    duration_ms: int | None
    width: int | None
    height: int | None
    thumbhash: str | None
    poster: str | None
    preview: str | None
    storyboard: str | None
    audio: str | None
    audio_generation: int | None
    generation: int | None


class RenditionRow(msgspec.Struct, frozen=True):
    """Something of a video that plays; `facts` is JSON text."""

    video_id: UUID
    name: str
    kind: str
    generation: int
    width: int
    height: int
    bitrate: int
    bytes: int
    facts: str


async def videos(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, VideoRow]:
    return {row["id"]: VideoRow(**row) for row in await conn.fetch(VIDEOS, list(video_ids))}


async def renditions(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, list[RenditionRow]]:
    """Those of each video, the highest bitrate first."""
    found: dict[UUID, list[RenditionRow]] = {video_id: [] for video_id in video_ids}
    for row in await conn.fetch(RENDITIONS, list(video_ids)):
        found[row["video_id"]].append(RenditionRow(**row))
    return found
