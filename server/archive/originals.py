"""Uploads as they came: kept, archived or deleted by policy, once their video is ready and nobody is at work on it."""

import logging
from uuid import UUID

from aiohttp import web

from server.accounts import queries as accounts
from server.archive import queries
from server.archive.apart import Run, apart
from server.archive.queries import Original
from server.kit.request import ANNOUNCER, COLD, POOL, SETTINGS, STORE
from server.kit.work import work
from server.transcoding.alone import BEGINNING
from server.videos import queries as videos
from server.videos import steps, tiers
from server.videos.actions import STRAGGLER_SECONDS
from storage import jobs
from storage.cold import Damaged, Spot, cold_key
from storage.objects import ObjectMissing
from storage.postgres import Rows, connection

AT_ONCE = 500

log = logging.getLogger(__name__)


async def tend(app: web.Application) -> None:
    """Do with all old originals what `raw_policy` says.

    Raises:
        StoreUnavailable, ObjectMissing, and what AWAY has: the store or PostgreSQL as a whole does not answer.
        NothingGoes: one after the other fails.
    """
    policy, days = app[SETTINGS].raw_policy, app[SETTINGS].raw_days
    if policy == "keep":
        return
    do, run = (_archive if policy == "cold" else _delete), Run()
    after: UUID | None = BEGINNING
    while after is not None:
        async with connection(app[POOL]) as conn:
            some, after = await queries.old_originals(conn, after, AT_ONCE, days, archived=policy == "delete")
        for one in some:
            async with apart(app, one.video_id, run):
                await do(app, one)


async def _archive(app: web.Application, one: Original) -> None:
    """Have it in the archive alone. Nobody has its URL, so it goes at once where it was at hand."""
    bucket = app[SETTINGS].s3_raw_bucket
    try:
        await app[COLD].keep(Spot(app[STORE], bucket, one.key), cold_key("raw", one.key), one.sha256.hex())
    except (ObjectMissing, Damaged) as error:
        log.warning("archive: the original of %s stays: %s", one.video_id, error)
        return
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        if not await _is_idle(w.conn, one):
            return
        await tiers.keep_cold(w.conn, one.video_id, one.key, one.bytes)
    # A job that begins now finds it at hand, or in the archive, where it stays.
    await app[STORE].delete(bucket, [one.key])


async def _delete(app: web.Application, one: Original) -> None:
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        if await _is_idle(w.conn, one) and await steps.forget_raw(w.conn, one.video_id) is not None:
            await tiers.forget_cold(w.conn, one.video_id)
            await videos.remove_objects(w.conn, one.video_id, "raw", one.key, seconds=STRAGGLER_SECONDS)


async def _is_idle(conn: Rows, one: Original) -> bool:
    """Whether the video is there, ready, and nobody works on it; so it stays until the transaction ends."""
    if not await accounts.lock(conn, one.author_id):
        return False
    head = await videos.head(conn, one.video_id, lock=True)
    return head is not None and head.status == "ready" and not await jobs.pending(conn, "transcode", one.video_id)
