"""SQL that reads what a card shows of a video; written by the room `videos`, read here many at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.cards.wire import VideoCounts
from server.counts.queries import of_video
from server.videos.wire import Status, Visibility
from storage.postgres import Rows

_COLUMNS = """
v.id, v.author_id, v.title, v.description, v.hashtags, v.visibility, v.status, v.progress, v.error_code, v.error_detail,
v.created_at, v.published_at, v.duration_ms, v.width, v.height, coalesce(v.own_thumbhash, v.thumbhash) AS thumbhash,
coalesce(v.own_poster, v.poster) AS poster, v.preview, v.storyboard, v.audio, v.audio_generation, v.generation,
t.warm_path, coalesce(t.cleared OR t.clearing_at IS NOT NULL, false) AS ladder_gone
"""
_FROM = "video AS v LEFT JOIN video_tier AS t ON t.video_id = v.id AND t.tier IN ('archived', 'restoring')"
_RENDITION = "r.video_id, r.name, r.kind, r.generation, r.width, r.height, r.bitrate, r.bytes, r.facts"
VIDEOS = f"SELECT {_COLUMNS} FROM {_FROM} WHERE v.id = ANY($1)"  # noqa: S608 - constants of ours
RENDITIONS = f"""
SELECT {_RENDITION}
FROM rendition AS r
WHERE r.video_id = ANY($1)
ORDER BY r.bitrate DESC, r.name
"""  # noqa: S608 - constants of ours
# One statement, for a round trip costs as much as all that is read here, and it is on the video's shard.
_COUNTS = """
       coalesce((SELECT p.views FROM play_total AS p WHERE p.video_id = v.id), 0) AS views,
       n.likes, n.comments
"""
COUNTS = f"""
SELECT v.id, {_COUNTS}
FROM video AS v
CROSS JOIN LATERAL {of_video("v.id")} AS n
WHERE v.id = ANY($1)
"""  # noqa: S608 - constants of ours
SHOWN = f"""
SELECT {_COLUMNS},
       ARRAY(SELECT ({_RENDITION}) FROM rendition AS r WHERE r.video_id = v.id ORDER BY r.bitrate DESC, r.name) AS renditions,
       {_COUNTS}
FROM {_FROM}
CROSS JOIN LATERAL {of_video("v.id")} AS n
WHERE v.id = ANY($1)
"""  # noqa: S608 - constants of ours


class VideoRow(msgspec.Struct, frozen=True, kw_only=True):
    """A video as it is stored; `audio` is JSON text; pictures are paths, `{generation}/{name}`.

    `warm_path` is the one source of a video that is archived, None of any other; `ladder_gone`: the others cannot be had.
    """

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
    warm_path: str | None
    ladder_gone: bool


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


class ShownRow(VideoRow, frozen=True, kw_only=True):
    """A video with what plays of it, the highest bitrate first, and with its counts."""

    renditions: list[RenditionRow]
    views: int
    likes: int
    comments: int


async def shown(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, ShownRow]:
    """Those of the videos that exist."""
    rows = await conn.fetch(SHOWN, list(video_ids))
    return {r["id"]: ShownRow(**{**r, "renditions": [RenditionRow(*one) for one in r["renditions"]]}) for r in rows}


async def counts(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, VideoCounts]:
    """Those of the videos that exist."""
    return {r["id"]: VideoCounts(r["views"], r["likes"], r["comments"]) for r in await conn.fetch(COUNTS, list(video_ids))}


async def videos(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, VideoRow]:
    return {row["id"]: VideoRow(**row) for row in await conn.fetch(VIDEOS, list(video_ids))}


async def renditions(conn: Rows, video_ids: Sequence[UUID]) -> dict[UUID, list[RenditionRow]]:
    """Those of each video, the highest bitrate first."""
    found: dict[UUID, list[RenditionRow]] = {video_id: [] for video_id in video_ids}
    for row in await conn.fetch(RENDITIONS, list(video_ids)):
        found[row["video_id"]].append(RenditionRow(**row))
    return found
