"""The job that leaves nothing of a deleted account: rows in batches, then a wait for objects and stragglers, then its own traces.

Every step may be done twice, and each batch is a transaction of its own: whoever takes the job over goes on where it stands.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from aiohttp import web
from prometheus_client import Counter

from server.blocks import actions as blocks
from server.comments import actions as comments
from server.counts import queries as counts
from server.departures import queries, remains
from server.departures.actions import DEPARTURE_JOB
from server.follows import actions as follows
from server.kit import invalidation, kept
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import Work, work
from server.likes import actions as likes
from server.moderation import actions as moderation
from server.notifications import actions as notifications
from server.plays import queries as plays
from server.plays import watches
from server.shares import actions as shares
from server.suggestions import actions as suggestions
from server.training import actions as training
from server.transcoding.jobs import LeaseLost, Tools
from server.uploads import actions as uploads
from server.videos import actions as videos
from server.videos import queries as video_queries
from server.videos.wire import Failure, JobQueued
from storage import job_trace, jobs
from storage.jobs import Lease
from storage.postgres import Rows

ROWS_AT_ONCE = 1000
"""Rows that one transaction deletes of one kind."""
VIDEOS_AT_ONCE = 10
GRACE_SECONDS = 26.0
"""So long after the account was deleted it is looked once more for rows: of requests that ran already (they end after 5 s), or
came within the second in which its tokens were still believed, and of workers that had not heard yet that their job is cancelled
(STRAGGLER_SECONDS in server/videos/actions.py)."""
LOOK_SECONDS, LONGEST_LOOK_SECONDS = 2.0, 60.0
"""Pauses while objects are being removed; they grow with what that has taken already."""
RETRIED_AT_ONCE = 100
PAUSES = jobs.Pauses(60.0, 2.0, 3600.0, None)
"""Before a departure that broke off again and again is begun anew, for as long as it takes: it was promised."""

GONE = Counter("reelwire_accounts_deleted_total", "Accounts of which nothing is left")

log = logging.getLogger(__name__)

Some = Callable[[Work, UUID], Awaitable[int]]
"""Forgets some rows of an account, and says how many these were; fewer than ROWS_AT_ONCE where none are left."""


async def _comments(w: Work, account_id: UUID) -> int:
    return await comments.forget(w, account_id, ROWS_AT_ONCE)


async def _likes(w: Work, account_id: UUID) -> int:
    return await likes.forget(w, account_id, ROWS_AT_ONCE)


async def _plays(w: Work, account_id: UUID) -> int:
    return await plays.forget(w.conn, account_id, ROWS_AT_ONCE)


async def _watches(w: Work, account_id: UUID) -> int:
    return await watches.forget_account(w.conn, account_id, ROWS_AT_ONCE)


async def _follows(w: Work, account_id: UUID) -> int:
    return await follows.forget(w, account_id, ROWS_AT_ONCE)


async def _blocks(w: Work, account_id: UUID) -> int:
    return await blocks.forget(w, account_id, ROWS_AT_ONCE)


async def _publications(w: Work, account_id: UUID) -> int:
    return await video_queries.forget_author(w.conn, account_id, ROWS_AT_ONCE)


async def _uploads(w: Work, account_id: UUID) -> int:
    forgotten = await uploads.forget(w, account_id, ROWS_AT_ONCE)
    await queries.insert_objects(w.conn, account_id, forgotten)
    return len(forgotten)


async def _notifications(w: Work, account_id: UUID) -> int:
    return await notifications.forget(w.conn, account_id, ROWS_AT_ONCE)


async def _jobs(w: Work, account_id: UUID) -> int:
    return await jobs.forget_account(w.conn, account_id, ROWS_AT_ONCE)


async def _moderation(w: Work, account_id: UUID) -> int:
    return await moderation.forget(w, account_id, ROWS_AT_ONCE)


async def _shares(w: Work, account_id: UUID) -> int:
    return await shares.forget(w, account_id, ROWS_AT_ONCE)


async def _suggestions(w: Work, account_id: UUID) -> int:
    return await suggestions.forget(w.conn, account_id, ROWS_AT_ONCE)


async def _lists(w: Work, account_id: UUID) -> int:
    await training.forget(w.conn, account_id)
    return 0  # they are few


async def _kept(w: Work, account_id: UUID) -> int:
    return await kept.forget(w.conn, account_id, ROWS_AT_ONCE)


async def _counts(w: Work, account_id: UUID) -> int:
    await counts.forget_account(w.conn, account_id)
    return 0  # they are few


STEPS: tuple[Some, ...] = (
    _comments, _uploads, _likes, _follows, _blocks, _plays, _watches, _publications, _notifications, _moderation, _shares,
    _suggestions, _lists, _kept, _counts, _jobs,
)  # fmt: skip
"""Behind the videos. A room that keeps something of accounts has a step here."""


@dataclass(frozen=True, slots=True)
class Departing:
    """One start of the job of one account."""

    tools: Tools
    lease: Lease
    folder: Path

    @property
    def account_id(self) -> UUID:
        return self.lease.subject_id

    async def run(self) -> None:
        """Forget what is there now; then either all is over, or the job is handed back until it may be.

        Raises:
            LeaseLost: another start has the job.
            ConnectionError, TimeoutError and other signs of an outage: try again later.
        """
        await self._forget_videos()
        for step in STEPS:
            while await self._some(step) >= ROWS_AT_ONCE:
                pass
        async with work(self.tools.pool, self.tools.announcer, None) as w:
            if not await jobs.holds(w.conn, self.lease):
                raise LeaseLost
            over = await self._finish(w.conn)
        if over:
            GONE.inc()
            log.info("account.deleted %s: nothing is left of it", self.account_id)

    async def _forget_videos(self) -> None:
        while video_ids := await self._videos():
            for video_id in video_ids:
                await self._forget_video(video_id)

    async def _videos(self) -> list[UUID]:
        async with work(self.tools.pool, self.tools.announcer, None) as w:
            found = await video_queries.of_departed(w.conn, self.account_id, VIDEOS_AT_ONCE)
            # Before they are deleted: afterwards nothing tells whose their objects are.
            await queries.insert_objects(w.conn, self.account_id, found)
        return found

    async def _forget_video(self, video_id: UUID) -> None:
        """With what others did to it, which says something of the account; whoever breaks off here leaves that to `remains`."""
        async with work(self.tools.pool, self.tools.announcer, None) as w:
            await videos.forget(w, self.account_id, video_id)
        await remains.clear(self.tools.pool, video_id)

    async def _some(self, step: Some) -> int:
        async with work(self.tools.pool, self.tools.announcer, None) as w:
            return await step(w, self.account_id)

    async def _finish(self, conn: Rows) -> bool:
        """Whether it is over; else the job is handed back."""
        age = await queries.age(conn, self.account_id)
        if age is not None and age < GRACE_SECONDS:
            await jobs.hand_back(conn, self.lease, GRACE_SECONDS - age)
            return False
        if age is not None and await queries.waiting(conn, self.account_id):
            pause = min(max(LOOK_SECONDS, (age - GRACE_SECONDS) / 10), LONGEST_LOOK_SECONDS)
            await jobs.hand_back(conn, self.lease, pause)
            return False
        await invalidation.disown(conn, self.account_id)
        await queries.delete(conn, self.account_id)
        await jobs.forget_one(conn, self.lease)
        return True


async def fail(tools: Tools, lease: Lease, failure: Failure, *, passing: bool = False, mark: str = "") -> None:  # noqa: ARG001
    """It broke off again and again. It is tried again after growing pauses (see `retry`), and operators see it until then."""
    with suppress(LeaseLost):
        async with work(tools.pool, tools.announcer, None) as w:
            if not await jobs.holds(w.conn, lease):
                raise LeaseLost
            await job_trace.note(w.conn, lease, "failed", failure.detail)
            await jobs.end(w.conn, lease, failure.detail, passing=True)
    log.error("account %s was deleted, and not all that it left could be removed", lease.subject_id)


async def retry(app: web.Application) -> None:
    """The periodic job: what failed is tried again, after pauses that grow to an hour, until nothing is left."""
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        for account_id in await jobs.retry_passing(w.conn, DEPARTURE_JOB, None, RETRIED_AT_ONCE, PAUSES):
            w.emit(JobQueued(account_id))
