"""What the edge has cached of media goes with the objects, where its cache is a folder of this machine.

Its URLs are refused by then, but for that alone the bytes would stay on the disk until nobody has asked for them for days.
"""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import UUID

from edge.cached import file_of
from storage.postgres import Rows

MASTER = "master.m3u8"
"""Rendered, and stored nowhere but in caches."""
VIDEOS, AVATARS = "videos/", "avatars/"
VIDEO_SLASHES = 3
"""In `videos/{id}/{generation}/{name}`."""

# What a video has from others lies below their names in the object store, and below its own at the edge.
KEEP_PATHS = """
INSERT INTO cached_path (video_id, paths)
SELECT m.video_id, ARRAY(SELECT jsonb_object_keys(m.digests))
FROM made_file AS m
WHERE m.video_id = $1 AND EXISTS (SELECT 1 FROM shared_generation AS s WHERE s.video_id = m.video_id)
ON CONFLICT (video_id) DO NOTHING
"""
PATHS = "SELECT paths FROM cached_path WHERE video_id = $1"
FORGET_PATHS = "DELETE FROM cached_path WHERE video_id = $1"


async def keep_paths(conn: Rows, video_id: UUID) -> None:
    """The video is about to be deleted: keep the names of its files that do not lie below its own name."""
    await conn.execute(KEEP_PATHS, video_id)


async def kept_keys(conn: Rows, video_id: UUID) -> list[str]:
    """Such names, as if they lay below the video's own."""
    paths: Sequence[str] = await conn.fetchval(PATHS, video_id) or ()
    return [f"{VIDEOS}{video_id}/{path}" for path in paths]


async def forget_paths(conn: Rows, video_id: UUID) -> None:
    """They are gone from the edge."""
    await conn.execute(FORGET_PATHS, video_id)


def urls(keys: Iterable[str]) -> set[str]:
    """The paths below which the edge serves objects of the media bucket: of videos, openly and signed, and of avatars."""
    found: set[str] = set()
    for key in keys:
        if key.startswith(VIDEOS) and key.count("/") == VIDEO_SLASHES:
            _, video_id, generation, name = key.split("/")
            found |= {f"/media/{video_id}/{way}/{generation}/{one}" for way in "os" for one in (name, MASTER)}
        elif key.startswith(AVATARS):
            found.add(f"/media/{key}")
    return found


async def forget(folder: str, keys: Iterable[str]) -> None:
    """Delete what the edge with its cache in this folder has of these objects; without a folder nothing."""
    if folder:
        await asyncio.to_thread(_unlink, Path(folder), urls(keys))


def _unlink(folder: Path, paths: Iterable[str]) -> None:
    for path in paths:
        file_of(folder, path).unlink(missing_ok=True)
