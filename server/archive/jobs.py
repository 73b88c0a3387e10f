"""Work done later: the job that brings a video back, and the periodic job of the archive."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from aiohttp import web
from prometheus_client import Counter

from media.errors import MediaError
from server.archive import clearing, leftovers, originals, sweep
from server.archive.apart import NothingGoes
from server.archive.groups import Group, Object
from server.kit.request import COLD, POOL, SETTINGS
from server.transcoding.jobs import IMMUTABLE, LeaseLost, Tools, under_lease
from server.transcoding.originals import Thawing
from server.videos import shared, tiers
from server.videos.wire import Failure
from storage import job_trace, jobs, walks
from storage.cold import Cold, Damaged, Spot, cold_key
from storage.jobs import Lease
from storage.object_errors import ObjectFrozen
from storage.objects import ObjectMissing, StoreFull
from storage.postgres import connection

LOOK_SECONDS = 5.0
"""Until whoever removes what is at hand has ended."""
STRANDED_SECONDS, STRANDED_AT_ONCE = 300.0, 500
"""Videos that have been on their way back for so long, and have no job."""
NIGHT, WALK = "archive night", "archive"
"""Which night was swept last, and where the sweep of this one stands."""

RESTORED = Counter("reelwire_restored_total", "Videos that came back from the archive")

log = logging.getLogger(__name__)


class ColdLost(MediaError):
    """The archive does not have what it was given."""

    def __init__(self) -> None:
        super().__init__("The archive has lost something.")


@dataclass(frozen=True, slots=True)
class Restoring:
    """One start of the job that brings a video back, with all that share files with it."""

    tools: Tools
    lease: Lease
    folder: Path

    @property
    def video_id(self) -> UUID:
        return self.lease.subject_id

    @property
    def cold(self) -> Cold:
        """The archive."""
        assert self.tools.cold is not None
        return self.tools.cold

    async def run(self) -> None:
        """From the archive to a ladder that is shown again.

        Raises:
            Thawing: it has to be asked for, and takes hours.
            ColdLost: it is not there.
            LeaseLost, and signs of an outage: as any job.
        """
        async with under_lease(self.tools, self.lease) as w:
            row = (await tiers.of(w.conn, [self.video_id])).get(self.video_id)
            group = await clearing.whole(w.conn, self.video_id)
            if row is None or row.tier != "restoring" or group is None:
                await jobs.end(w.conn, self.lease)  # it is back, or gone
                return
            if _is_being_cleared((await tiers.of(w.conn, group.ids)).values()):
                await jobs.hand_back(w.conn, self.lease, LOOK_SECONDS)
                return
            await job_trace.note(w.conn, self.lease, "started", f"{len(group.objects)} files of {len(group.members)} videos")
        await self._bring(group)
        async with under_lease(self.tools, self.lease) as w:
            back = await tiers.restored(w.conn, group.ids)
            for member in group.members:
                if member.id in back:
                    await sweep.tell(w, member.id, member.author_id)
            await job_trace.note(w.conn, self.lease, "done")
            await jobs.end(w.conn, self.lease)
        RESTORED.inc(len(back))

    async def _bring(self, group: Group) -> None:
        frozen = False
        for one in group.objects:
            try:
                await self._copy(one)
            except ObjectFrozen:
                frozen = True  # all are asked for, and thaw at the same time
                await self.cold.ask(cold_key("media", one.key))
            except (ObjectMissing, Damaged) as error:
                log.warning("archive: %s cannot be brought back: %s", self.video_id, error)
                raise ColdLost from error
        if frozen:
            raise Thawing

    async def _copy(self, one: Object) -> None:
        spot = Spot(self.tools.store, self.tools.media_bucket, one.key)
        content_type = "audio/mp4" if one.key.endswith("/audio.mp4") else "video/mp4"
        key = cold_key("media", one.key)
        await self.cold.bring(key, spot, one.sha256, content_type=content_type, cache_control=IMMUTABLE)


def _is_being_cleared(rows: Iterable[tiers.TierRow]) -> bool:
    """Whether somebody removes what is at hand just now. Who was killed at it removes nothing more."""
    stale = datetime.now(UTC) - timedelta(seconds=tiers.STALE_SECONDS)
    return any(row.clearing_at is not None and not row.cleared and row.clearing_at > stale for row in rows)


async def fail(
    tools: Tools,
    lease: Lease,
    failure: Failure,
    *,
    passing: bool = False,
    mark: str = "",  # noqa: ARG001 - as any kind's
) -> None:
    """Whoever watches it the next time tries again. Where the archive has lost something the reconciler has it made again."""
    with suppress(LeaseLost):
        async with under_lease(tools, lease) as w:
            await tiers.give_up(w.conn, lease.subject_id)
            if not passing:
                await shared.mark(w.conn, lease.subject_id, lost=True)  # the reconciler looks at these first
            await job_trace.note(w.conn, lease, "failed", f"{failure.code}: {failure.detail}")
            await jobs.end(w.conn, lease, f"{failure.code}: {failure.detail}")


async def tend(app: web.Application) -> None:
    """The periodic job: what is due goes, and from `archive_hour` on the sweep of the night goes on until it is over."""
    await _tidy(app)
    now = datetime.now(UTC)
    async with connection(app[POOL]) as conn:
        if now.hour < app[SETTINGS].archive_hour or await walks.position(conn, NIGHT) == f"{now:%F}":
            return
    try:
        await app[COLD].store.check(app[COLD].bucket)
    except ObjectMissing:
        log.warning("archive: there is no bucket %s: nothing is archived tonight", app[COLD].bucket)
    else:
        await _night(app)
    async with connection(app[POOL]) as conn:
        await walks.move(conn, NIGHT, f"{now:%F}")


async def _night(app: web.Application) -> None:
    try:
        await _go_on(app)
        await originals.tend(app)
    except (StoreFull, NothingGoes) as error:
        log.warning("archive: it takes nothing, and is tried again tomorrow: %s", error)


async def _tidy(app: web.Application) -> None:
    async with connection(app[POOL]) as conn:
        stranded = await tiers.give_up_stranded(conn, STRANDED_SECONDS, STRANDED_AT_ONCE)
    for video_id in stranded:
        log.warning("archive: nobody brings %s back any more; the next who watches it tries again", video_id)
    await clearing.clear_due(app)
    await leftovers.look(app)


async def _go_on(app: web.Application) -> None:
    async with connection(app[POOL]) as conn:
        after: UUID | None = UUID(await walks.position(conn, WALK) or str(sweep.BEGINNING))
    videos = size = 0
    while after is not None:
        some, after = await sweep.one_slice(app, after)
        videos, size = videos + some.videos, size + some.bytes
        async with connection(app[POOL]) as conn:
            await walks.move(conn, WALK, str(after or ""))
    log.info("archive: the sweep is over: %d videos, %d bytes went since it went on", videos, size)


async def run_now(app: web.Application) -> None:
    """All of it, at any hour: `reelwire schedule run archive`."""
    await _tidy(app)
    swept = await sweep.sweep(app)
    await originals.tend(app)
    log.info("archive: %d videos, %d bytes went", swept.videos, swept.bytes)
