"""What of a video is missing, where some of it may be in the archive: whether rows say so, or not."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from aiohttp import web

from server.kit.invalidation import invalidate
from server.kit.request import ANNOUNCER, COLD, POOL
from server.kit.work import Work, work
from server.transcoding import originals, queries
from server.transcoding.findings import found
from server.transcoding.missing import missing
from server.videos import queries as videos
from server.videos import shared, tiers
from server.videos.actions import JOB
from server.videos.shared import key_of
from server.videos.tiers import TierRow
from storage import jobs
from storage.cold import cold_key
from storage.postgres import connection


async def gone(app: web.Application, video_id: UUID, paths: Iterable[str]) -> list[str]:
    """The paths of what has to be made again; what the archive has comes back from there. Where all is well it may be shared.

    Raises:
        StoreUnavailable: this store or that of the archive.
    """
    every = list(paths)
    async with connection(app[POOL]) as conn:
        tier = (await tiers.of(conn, [video_id])).get(video_id)
    if tier is not None and tier.tier in tiers.ARCHIVED:
        return await _of_archived(app, tier, every)
    lost = await missing(app, video_id, every)
    if not lost:
        await _is_well(app, video_id)
    return [] if lost and await _is_found(app, video_id, lost) else lost


async def _of_archived(app: web.Application, tier: TierRow, paths: Sequence[str]) -> list[str]:
    """Of what is archived that is looked for which is at hand; the rest only where it is known to have lost something."""
    video_id = tier.video_id
    async with connection(app[POOL]) as conn:
        marked = await shared.is_marked(conn, video_id)
    if await missing(app, video_id, [path for path in paths if not tiers.is_cold(path, tier.warm_path)]):
        await _wish_back(app, video_id, "something of it is lost")
        return []
    if not marked:
        return []
    lost = await missing(app, video_id, paths)
    if await _in_archive(app, video_id, [path for path in lost if tiers.is_cold(path, tier.warm_path)]):
        await _is_well(app, video_id)
        return []
    if not await originals.require(app, video_id):
        found("object_lost", video_id, f"nor in the archive, nor is its original; one MP4 plays: {', '.join(lost)}")
        return []
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        await tiers.forget(w.conn, video_id)
        await _shown_anew(w, video_id)
    return lost


async def _is_well(app: web.Application, video_id: UUID) -> None:
    async with connection(app[POOL]) as conn:
        if not await jobs.pending(conn, JOB, video_id):
            await shared.mark(conn, video_id, lost=False)


async def _is_found(app: web.Application, video_id: UUID, lost: Sequence[str]) -> bool:
    """Whether these come from the archive, which has them though no row says so: the database may be of an earlier day.

    Until they are back, or what else is missing is made again after that, the video is an archived one.
    """
    async with connection(app[POOL]) as conn:
        warm_path = await queries.smallest(conn, video_id)
    cold = [path for path in lost if tiers.is_cold(path, warm_path)]
    if not cold or warm_path is None or warm_path in lost or not await _in_archive(app, video_id, cold):
        return False
    found("object_missing", video_id, f"not in the store, and brought back from the archive: {', '.join(cold)}")
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        await tiers.found(w.conn, video_id, warm_path)
        await _shown_anew(w, video_id)
    await _wish_back(app, video_id, "the archive has it, and nothing else")
    return True


async def _in_archive(app: web.Application, video_id: UUID, paths: Sequence[str]) -> bool:
    async with connection(app[POOL]) as conn:
        digests, shares = await shared.digests(conn, video_id), await shared.of(conn, video_id)
    for path in paths:
        generation, _, name = path.partition("/")
        key = cold_key("media", key_of(video_id, int(generation), name, shares))
        if not await app[COLD].holds(key, digests.get(path, "")):
            return False
    return True


async def _shown_anew(w: Work, video_id: UUID) -> None:
    head = await videos.head(w.conn, video_id)
    if head is not None:
        await invalidate(w, head.author_id, "card", video_id)


async def _wish_back(app: web.Application, video_id: UUID, why: str) -> None:
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        head = await videos.head(w.conn, video_id)
        if head is not None:
            await tiers.wish_back(w, video_id, head.author_id, why)
