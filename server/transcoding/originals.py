"""Originals: what a video is made of again. Where its own is lost, that of another video of the same bytes is copied."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from aiohttp import web

from media.errors import MediaError
from server.kit.request import COLD, POOL, SETTINGS, STORE
from server.kit.work import Work
from server.videos import shared, steps
from server.videos.sharing import MOST_OF_FILE
from server.videos.wire import RawObject
from storage import job_trace
from storage.cold import Damaged, Spot, cold_key
from storage.jobs import Lease
from storage.object_copies import copy
from storage.object_errors import ObjectFrozen
from storage.objects import ObjectMissing, SentPart
from storage.postgres import connection

if TYPE_CHECKING:
    from server.transcoding.jobs import Tools

UnderLease = Callable[[], AbstractAsyncContextManager[Work]]
"""Opens a transaction that commits only while the job is ours."""


class OriginalGone(MediaError):
    """There is nothing to start from."""

    def __init__(self) -> None:
        super().__init__("The original is gone.")


class Thawing(Exception):
    """What is needed is in a class of storage that takes hours to be read: it was asked for, and is looked for again later."""


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
        return await store.head(bucket, raw.key) is not None or await _archived(app, video_id, raw.key)
    there = True
    try:
        await store.complete_multipart(bucket, raw.key, raw.multipart_id, [SentPart(p.number, p.etag) for p in raw.parts])
    except ObjectMissing:
        there = False
    async with connection(app[POOL]) as conn:
        await steps.raw_is_whole(conn, video_id)  # in either case there are no parts any more
    return there


async def _archived(app: web.Application, video_id: UUID, key: str) -> bool:
    """Whether the archive has the original, from where the job brings it. It is asked itself: rows may be of an earlier day."""
    async with connection(app[POOL]) as conn:
        sha256 = await shared.sha256(conn, video_id) or b""
    kept = await app[COLD].find(cold_key("raw", key))
    return kept is not None and kept.sha256 == sha256.hex()


async def fetch(tools: "Tools", lease: Lease, raw: RawObject, path: Path, under_lease: UnderLease) -> None:
    """Have an original as a file. One in parts is one object from now on; one in the archive is at hand again.

    Raises:
        OriginalGone: there is none.
        Thawing: it is in the archive, and can be read in some hours.
        StoreFull, StoreUnavailable, LeaseLost.
    """
    store, bucket = tools.store, tools.raw_bucket
    try:
        if raw.multipart_id is not None:
            parts = [SentPart(part.number, part.etag) for part in raw.parts]
            await store.complete_multipart(bucket, raw.key, raw.multipart_id, parts)
            async with under_lease() as w:
                await steps.raw_is_whole(w.conn, lease.subject_id)
        await store.download(bucket, raw.key, path)
    except ObjectMissing:
        await store.check(bucket)  # where the bucket is missing nothing is known of what it holds
        await _bring(tools, lease, raw, under_lease)
        await store.download(bucket, raw.key, path)


async def _bring(tools: "Tools", lease: Lease, raw: RawObject, under_lease: UnderLease) -> None:
    async with connection(tools.pool) as conn:
        sha256 = await shared.sha256(conn, lease.subject_id) or b""
    if tools.cold is None:
        raise OriginalGone
    key, spot = cold_key("raw", raw.key), Spot(tools.store, tools.raw_bucket, raw.key)
    try:
        await tools.cold.bring(key, spot, sha256.hex(), content_type="application/octet-stream")
    except (ObjectMissing, Damaged):
        raise OriginalGone from None
    except ObjectFrozen:
        await tools.cold.ask(key)
        raise Thawing from None
    async with under_lease() as w:
        await job_trace.note(w.conn, lease, "original brought back", "it was in the archive")


async def _taken(app: web.Application, other: UUID, key: str) -> bool:
    """Whether the other video's original is there, and is now stored under this key too."""
    async with connection(app[POOL]) as conn:
        raw = await steps.original(conn, other)
    if raw is None or not await whole(app, other, raw) or await app[STORE].head(app[SETTINGS].s3_raw_bucket, raw.key) is None:
        return False  # or it is in the archive, and not worth bringing back for somebody else
    try:
        await copy(app[STORE], app[SETTINGS].s3_raw_bucket, raw.key, key)
    except ObjectMissing:  # it was deleted just now
        return False
    return True
