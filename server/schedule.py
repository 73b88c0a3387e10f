"""The process `reelwire schedule`: periodic jobs, each run by whichever of these processes holds its lease."""

import asyncio
import logging
import os
import random
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from aiohttp import web

from server import resources
from server.accounts import sessions
from server.archive import jobs as archive_jobs
from server.avatars import lost as lost_avatars
from server.counts import jobs as count_jobs
from server.departures import jobs as departure_jobs
from server.departures import remains
from server.kit import invalidation, kept, logs
from server.kit.problems import problems
from server.kit.request import POOL
from server.kit.serving import serve
from server.kit.tasks import running
from server.kit.terminal import say
from server.live import gateway
from server.moderation import jobs as moderation_jobs
from server.notifications import jobs as notification_jobs
from server.plays import jobs as play_jobs
from server.plays import retention, windows
from server.posters import lost as lost_posters
from server.prefetch import jobs as prefetch_jobs
from server.search import jobs as search_jobs
from server.settings import Settings
from server.suggestions import jobs as suggestion_jobs
from server.training import jobs as training_jobs
from server.transcoding import reconcile
from server.transcoding.alone import alone
from server.uploads import jobs as upload_jobs
from server.uploads.desk import gate
from server.videos import removals
from server.videos.actions import JOB
from storage import jobs, leases
from storage.postgres import AWAY, connection

LOOK_SECONDS = 2.0
RUN_SECONDS = 600.0
"""A run that takes longer is cut; the next one goes on."""
TRAINING_SECONDS = 5 * 3600.0
"""The process that learns has four hours (recommend/process.py)."""
JOBS_KEPT_DAYS = 30
STRANDED_KEPT_DAYS = 365
"""So long a job is kept that was cancelled, or failed for a reason that may pass, and whose video is there."""

log = logging.getLogger(__name__)

Run = Callable[[web.Application], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job that runs by the clock, once among all schedulers."""

    name: str
    every_seconds: float
    run: Run
    now: Run | None = None
    """What `reelwire schedule run` does instead, where it differs."""
    limit_seconds: float = RUN_SECONDS
    """Where it is longer, the job has a lease of its own: that of the run ends after RUN_SECONDS."""


async def _deletion(app: web.Application) -> None:
    await removals.remove_due(app, partial(_out_of_windows, app))


async def _out_of_windows(app: web.Application, video_id: UUID) -> None:
    await app[windows.WINDOWS].forget([video_id])


async def _reconcile(app: web.Application) -> None:
    """What was left half-way: uploads that nobody goes on with; videos, jobs and objects that do not agree."""
    async with alone(app, "uploads that ended"):
        await upload_jobs.expire(app)
    await reconcile.reconcile(app)
    await lost_posters.look(app)
    await lost_avatars.look(app)


async def _remains(app: web.Application) -> None:
    await remains.tidy(app)


async def _strays(app: web.Application) -> None:
    await remains.stray(app)


async def _plays(app: web.Application) -> None:
    await play_jobs.tidy(app)


async def _windows(app: web.Application) -> None:
    await windows.mend(app)


async def _signals(app: web.Application) -> None:
    await retention.tend(app)


async def _counts(app: web.Application) -> None:
    await count_jobs.mend(app)


async def _moderation(app: web.Application) -> None:
    await moderation_jobs.tidy(app)


async def _search(app: web.Application) -> None:
    await search_jobs.refresh(app)


async def _popular(app: web.Application) -> None:
    await suggestion_jobs.popular(app)


async def _notifications(app: web.Application) -> None:
    await notification_jobs.tidy(app)


async def _departures(app: web.Application) -> None:
    await departure_jobs.retry(app)


async def _archive(app: web.Application) -> None:
    await archive_jobs.tend(app)


async def _prefetch(app: web.Application) -> None:
    await prefetch_jobs.prefetch(app)


async def _train(app: web.Application) -> None:
    await training_jobs.nightly(app)


async def _forget(app: web.Application) -> None:
    """Rows that have served their time."""
    await gateway.forget_publications(app)
    async with connection(app[POOL]) as conn:
        await sessions.forget(conn)
        await invalidation.forget(conn)
        await kept.sweep(conn)
        await jobs.forget(conn, JOBS_KEPT_DAYS, JOB, STRANDED_KEPT_DAYS)


PERIODIC = (
    Periodic("deletion", 10.0, _deletion),
    Periodic("remains", 10.0, _remains),
    Periodic("strays", 60.0, _strays),
    Periodic("reconcile", 60.0, _reconcile),
    Periodic("plays", 60.0, _plays),
    Periodic("windows", 300.0, _windows),
    Periodic("signals", 300.0, _signals),
    Periodic("counts", 60.0, _counts),
    Periodic("moderation", 60.0, _moderation),
    Periodic("search", 60.0, _search),
    Periodic("popular", 300.0, _popular),
    Periodic("notifications", 60.0, _notifications),
    Periodic("departures", 60.0, _departures),
    Periodic("archive", 60.0, _archive, archive_jobs.run_now),
    Periodic("prefetch", 120.0, _prefetch),
    Periodic("train", 600.0, _train, limit_seconds=TRAINING_SECONDS),
    Periodic("forget", 3600.0, _forget),
)
"""`reelwire schedule run NAME` runs one of them now."""


async def keep_running(app: web.Application) -> None:
    """Run what is due, for ever and beside each other: a long run of one delays no other."""
    async with asyncio.TaskGroup() as tasks:
        for periodic in PERIODIC:
            tasks.create_task(_keep_running(app, periodic), name=periodic.name)


async def _keep_running(app: web.Application, periodic: Periodic) -> None:
    """A run that fails is logged, and the job comes again at its next time."""
    holder = f"{socket.gethostname()}:{os.getpid()}"
    while True:
        try:
            await _run_if_due(app, periodic, holder)
        except AWAY as error:
            log.warning("%s: a dependency is away: %r", periodic.name, error)
        except Exception:
            log.exception("%s", periodic.name)
        await asyncio.sleep(LOOK_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 - jitter


async def _run_if_due(app: web.Application, periodic: Periodic, holder: str) -> None:
    async with connection(app[POOL]) as conn:
        if not await leases.take_if_due(conn, periodic.name, holder, periodic.every_seconds, RUN_SECONDS):
            return
    try:
        async with asyncio.timeout(periodic.limit_seconds):
            await periodic.run(app)
    finally:
        async with connection(app[POOL]) as conn:
            await leases.release(conn, periodic.name, holder)


async def _loop(app: web.Application) -> AsyncIterator[None]:
    async with running("schedule", keep_running(app)):
        yield


def application(settings: Settings, *, loop: bool = True) -> web.Application:
    """The scheduler with its health and metrics pages."""
    app = web.Application(middlewares=[problems])
    resources.provide(app, settings)
    app.cleanup_ctx.extend((resources.postgres, resources.patient_object_store, gateway.announcer, gate))
    app.cleanup_ctx.extend((windows.windows, prefetch_jobs.edges, resources.checks))
    if loop:
        app.cleanup_ctx.extend((_loop, training_jobs.telling))
    resources.add_operations(app)
    return app


def run(settings: Settings) -> None:
    """`reelwire schedule`."""
    serve(application(settings), settings)


def run_now(settings: Settings, name: str) -> int:
    """`reelwire schedule run NAME`; the exit status. What the run logs goes to standard error."""
    periodic = next((p for p in PERIODIC if p.name == name), None)
    if periodic is None:
        sys.stderr.write(f"There is no periodic job {name!r}; there are: {', '.join(p.name for p in PERIODIC)}\n")
        return 2
    logs.configure(settings.log_level)
    asyncio.run(once(settings, periodic.now or periodic.run))
    say(f"{name}: done")
    return 0


async def once(settings: Settings, run: Run) -> None:
    """Do something that needs what a scheduler has, for a command."""
    app = application(settings, loop=False)
    async with AsyncExitStack() as stack:
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await run(app)
