"""The periodic job that removes objects which no row names any more."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec
from aiohttp import web

from server.accounts import queries as accounts
from server.kit.request import ANNOUNCER, COLD, POOL, SETTINGS, STORE
from server.kit.work import work
from server.videos import cached, shared, sharing
from server.videos.actions import LONGEST_RETRY_SECONDS, PREFIX, RETRY_SECONDS, STORE_FAILURES
from storage.cold import Cold, cold_key
from storage.objects import ObjectMissing
from storage.postgres import connection

BATCH = 100

log = logging.getLogger(__name__)

DUE = """
SELECT video_id, bucket, prefix, orphaned, due_at
FROM object_removal
WHERE due_at <= now()
ORDER BY due_at
LIMIT $1
"""
# Whoever left something to be removed meanwhile has moved the time: then it is looked at again.
DONE = "DELETE FROM object_removal WHERE video_id = $1 AND bucket = $2 AND prefix = $3 AND due_at = $4"
# The pauses double, with jitter; the count ends where the longest is reached in any case, before 2 ^ faults has no number.
PUT_OFF = """
UPDATE object_removal
SET faults = least(faults + 1, 30), due_at = now() + make_interval(secs => least($4 * 2 ^ faults, $5) * (0.5 + random() / 2))
WHERE video_id = $1 AND bucket = $2 AND prefix = $3
"""


class Removal(msgspec.Struct, frozen=True):
    """What is to be removed: everything below a prefix in the `media` or the `raw` bucket; `orphaned`: if its video is gone."""

    video_id: UUID
    bucket: str
    prefix: str
    orphaned: bool
    due_at: datetime


async def _nobody(_video_id: UUID) -> None:
    """Nobody else keeps anything of videos."""


async def remove_due(app: web.Application, gone: Callable[[UUID], Awaitable[None]] = _nobody) -> None:
    """Remove all that is due, and release what nobody may ask for. What cannot be removed is put off and holds up nothing else.

    Args:
        app: the application.
        gone: is told of each video whose media are gone; where it fails the run ends, and the next one begins there.

    Raises:
        StoreUnavailable, ObjectMissing: the store as a whole does not answer, or the bucket is gone; the next run goes on.
    """
    await _release_over(app)
    rows, failed = await _due(app), 0
    while rows:
        for row in rows:
            failed += not await _remove(app, row, gone)
        rows = await _due(app) if len(rows) == BATCH else []
    if failed:
        log.warning("%d prefixes could not be removed from the object store; each is tried again later", failed)


async def _release_over(app: web.Application) -> None:
    async with connection(app[POOL]) as conn:
        videos = await shared.over(conn, BATCH)
    for video in videos:
        async with work(app[POOL], app[ANNOUNCER], None) as w:
            await accounts.lock(w.conn, video.author_id)
            await sharing.release(w.conn, video.video_id, only_over=True)


async def _due(app: web.Application) -> list[Removal]:
    async with connection(app[POOL]) as conn:
        return [Removal(**row) for row in await conn.fetch(DUE, BATCH)]


async def _remove(app: web.Application, row: Removal, gone: Callable[[UUID], Awaitable[None]]) -> bool:
    """Whether it is gone. The row goes after its objects, so that a kill in between removes them once more."""
    store, bucket = app[STORE], _bucket(app, row.bucket)
    kept = await _kept(app, row)
    try:
        # The store lists objects, deletes them, and then aborts unfinished uploads. One that a worker completed in between is an
        # object that the list did not have; after the abort none can be completed any more, so the second list has them all.
        # Before, or who is killed in between would leave what nobody finds any more; and after, for it may have been asked for.
        keys = await _cacheable(app, row)
        await cached.forget(app[SETTINGS].edge_cache, keys)
        for _ in range(2):
            if not row.prefix.startswith(kept):
                await store.delete_prefix(bucket, row.prefix, kept)
        if not row.prefix.startswith(kept):
            await _remove_cold(app[COLD], row, kept)
        await cached.forget(app[SETTINGS].edge_cache, keys)
    except STORE_FAILURES as error:
        await store.check(bucket)  # where nothing can be removed, no row is to blame
        log.info("%s in %s could not be removed: %r", row.prefix, bucket, error)
        async with connection(app[POOL]) as conn:
            await conn.execute(PUT_OFF, row.video_id, row.bucket, row.prefix, RETRY_SECONDS, LONGEST_RETRY_SECONDS)
        return False
    whole = row.prefix == PREFIX.format(video_id=row.video_id)
    if whole and row.bucket == "media":
        await gone(row.video_id)
    async with connection(app[POOL]) as conn:
        if whole:
            await cached.forget_paths(conn, row.video_id)
        await conn.execute(DONE, row.video_id, row.bucket, row.prefix, row.due_at)
    return True


async def _remove_cold(cold: Cold, row: Removal, kept: tuple[str, ...]) -> None:
    """The same in the archive. Where there is no bucket for it nothing was archived."""
    try:
        keep = tuple(cold_key(row.bucket, prefix) for prefix in kept)
        await cold.store.delete_prefix(cold.bucket, cold_key(row.bucket, row.prefix), keep)
    except ObjectMissing:
        log.debug("there is no bucket %s", cold.bucket)


async def _cacheable(app: web.Application, row: Removal) -> list[str]:
    """Keys of what the edge may have of it, also of what stays because others use it: they have it below names of their own."""
    if row.bucket != "media" or not app[SETTINGS].edge_cache:
        return []
    keys = [key async for key in app[STORE].list_prefix(_bucket(app, row.bucket), row.prefix)]
    async with connection(app[POOL]) as conn:
        return keys + [key for key in await cached.kept_keys(conn, row.video_id) if key.startswith(row.prefix)]


async def _kept(app: web.Application, row: Removal) -> tuple[str, ...]:
    """Prefixes that stay, because others use what lies there. A file that is removed by its own name nobody uses."""
    if row.bucket != "media" or not row.prefix.endswith("/"):
        return ()
    async with connection(app[POOL]) as conn:
        if row.orphaned and await shared.there(conn, row.video_id):
            return (row.prefix,)  # it goes with its video
        used = await shared.used(conn, [row.video_id])
    return tuple(shared.key_of(row.video_id, generation, "") for generation in sorted(used.get(row.video_id, ())))


def _bucket(app: web.Application, name: str) -> str:
    settings = app[SETTINGS]
    return settings.s3_bucket if name == "media" else settings.s3_raw_bucket
