"""Originals: what a video is made of again. Where its own is lost, that of another video of the same bytes is copied."""

from uuid import UUID

from aiohttp import web

from server.kit.request import POOL, SETTINGS, STORE
from server.videos import shared, steps
from server.videos.sharing import MOST_OF_FILE
from server.videos.wire import RawObject
from storage.object_copies import copy
from storage.objects import ObjectMissing, SentPart
from storage.postgres import connection


async def require(app: web.Application, video_id: UUID) -> bool:
    """Whether the original is in the store. A lost one is put there again where another author's is the same.

    That tells nobody of the other video: these bytes are known to whoever sent them, and nobody can make them be lost.

    Raises:
        StoreFull, StoreUnavailable.
    """
    async with connection(app[POOL]) as conn:
        raw = await steps.original(conn, video_id)
        sha256 = await shared.sha256(conn, video_id)
    if raw is None or sha256 is None:
        return False
    if await whole(app, video_id, raw):
        return True
    async with connection(app[POOL]) as conn:
        others = await shared.of_file(conn, sha256, MOST_OF_FILE)
    for other in others:
        if other.video_id != video_id and await _taken(app, other.video_id, raw.key):
            return True
    return False


async def whole(app: web.Application, video_id: UUID, raw: RawObject) -> bool:
    """Whether this original of the video is in the store, as one object from now on.

    Raises:
        StoreFull, StoreUnavailable.
    """
    store, bucket = app[STORE], app[SETTINGS].s3_raw_bucket
    if raw.multipart_id is None:
        return await store.head(bucket, raw.key) is not None
    there = True
    try:
        await store.complete_multipart(bucket, raw.key, raw.multipart_id, [SentPart(p.number, p.etag) for p in raw.parts])
    except ObjectMissing:
        there = False
    async with connection(app[POOL]) as conn:
        await steps.raw_is_whole(conn, video_id)  # in either case there are no parts any more
    return there


async def _taken(app: web.Application, other: UUID, key: str) -> bool:
    """Whether the other video's original is there, and is now stored under this key too."""
    async with connection(app[POOL]) as conn:
        raw = await steps.original(conn, other)
    if raw is None or not await whole(app, other, raw):
        return False
    try:
        await copy(app[STORE], app[SETTINGS].s3_raw_bucket, raw.key, key)
    except ObjectMissing:  # it was deleted just now
        return False
    return True
