"""The process `reelwire worker`: leases media jobs and runs them; an aiohttp application too, for health, metrics and signals."""

import asyncio
import logging
import os
import random
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from media.errors import MediaError, mark_of
from media.pool import Pool as MediaPool
from server import resources
from server.archive import jobs as restores
from server.avatars import jobs as avatars
from server.avatars.actions import AVATAR_JOB
from server.departures import jobs as departures
from server.departures.actions import DEPARTURE_JOB
from server.kit.cores import cores
from server.kit.problems import problems
from server.kit.request import ANNOUNCER, COLD, POOL, SETTINGS, STORE
from server.kit.serving import serve
from server.kit.tasks import running
from server.kit.work import work
from server.kit.workfolder import job_folder, private_root, work_folder
from server.live import gateway
from server.posters import jobs as posters
from server.settings import Settings
from server.transcoding.actions import VERSION, fail, failure_of, retry_passing
from server.transcoding.jobs import LeaseLost, Tools, Transcoding
from server.transcoding.originals import Thawing
from server.videos.actions import JOB, POSTER_JOB
from server.videos.tiers import RESTORE_JOB
from server.videos.wire import Failure
from storage import job_trace, jobs
from storage.jobs import FIRST, HEARTBEAT_SECONDS, LATER, Lease
from storage.postgres import AWAY, connection

POLL_SECONDS = 1.0
DRAIN_SECONDS = 12.0
"""After SIGTERM what runs is broken off and handed back, for others to take at once; so long it may take to say so."""
KEPT_SLOTS = 1
"""Beyond those for everything, for first sources only: a ladder takes its time, and somebody may wait for a first picture."""
MOST_THREADS = 8
"""Of a codec: each has pictures of its own in hand, and a child's memory is limited (`THREAD_MEMORY` in `media/steps.py`)."""
SETTLE_ATTEMPTS = 6
THAW_SECONDS = 300.0
"""So often somebody looks whether what an archive was asked for can be read."""
THAW_MOST_SECONDS = 3 * 86_400.0
"""The slowest classes take two days."""
THAWS, HANDED_BACK = "the archive takes hours", "handed back"
"""In the trace of a job."""
BACKOFF_SECONDS = (1.0, 60.0)
"""Between two starts of a job: doubled each time, never more than the second, with full jitter."""

QUICK = (POSTER_JOB, AVATAR_JOB, DEPARTURE_JOB, RESTORE_JOB)
"""A slot for each, so that none waits for another. Stills take turns with the one child for them; the others need none."""

BROKE_OFF = Failure("internal", "Every try to process this file broke off.")
NEVER_THAWED = Failure("internal", "The archive did not hand out what was asked of it.")

log = logging.getLogger(__name__)


class Started(Protocol):
    """One start of a job."""

    async def run(self) -> None:
        """Work until it is done, under the lease."""
        ...


class Fail(Protocol):
    """Writes, under the lease, that a job has failed; `passing` where trying again may succeed; with a `mark` another version."""

    def __call__(
        self, tools: Tools, lease: Lease, failure: Failure, *, passing: bool = False, mark: str = ""
    ) -> Coroutine[Any, Any, None]: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How jobs of one kind are run, and what is written when they fail."""

    start: Callable[[Tools, Lease, Path], Started]
    fail: Fail


KINDS: Mapping[str, Kind] = {
    JOB: Kind(Transcoding, fail),
    POSTER_JOB: Kind(posters.PosterMaking, posters.WISHES.fail),
    AVATAR_JOB: Kind(avatars.AvatarMaking, avatars.WISHES.fail),
    DEPARTURE_JOB: Kind(departures.Departing, departures.fail),
    RESTORE_JOB: Kind(restores.Restoring, restores.fail),
}


@dataclass(slots=True)
class Worker:
    """Runs as many jobs at once as there are media processes, one more where nothing of it plays yet, and what is quick."""

    app: web.Application
    slots: int
    media: MediaPool
    cores: int
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    running: dict["asyncio.Task[None]", str] = field(default_factory=dict)
    """Each with its kind."""
    ladders: set[Lease] = field(default_factory=set)
    """Those that are beyond their first source."""
    tools: Tools = field(init=False)

    def __post_init__(self) -> None:
        app, settings = self.app, self.app[SETTINGS]
        self.tools = Tools(
            app[POOL],
            app[ANNOUNCER],
            app[STORE],
            self.media,
            settings.s3_bucket,
            settings.s3_raw_bucket,
            settings.video_max_seconds,
            settings.media_url_seconds,
            self.threads,
            self.begin_ladder,
            app[COLD],
        )

    async def run(self) -> None:
        """Lease and run until cancelled; then hand back what runs. What failed under another version is tried first."""
        retried = False
        try:
            while True:
                retried = retried or await self._retry()
                kinds = self._kinds()
                lease = await self._next(kinds) if kinds else None
                if lease is not None:
                    self._start(lease)
                else:
                    await self._wait()
        finally:
            await self._drain()

    def _start(self, lease: Lease) -> None:
        def ended(task: "asyncio.Task[None]") -> None:
            del self.running[task]
            self.ladders.discard(lease)

        task = asyncio.create_task(self._work(lease), name=f"job {lease.id}")
        self.running[task] = lease.kind
        if lease.phase >= LATER:
            self.ladders.add(lease)
        task.add_done_callback(ended)

    async def _retry(self) -> bool:
        """Queue what failed under another version; whether that is seen to. Nobody else does this."""
        more = True
        try:
            while more:
                async with work(self.tools.pool, self.tools.announcer, None) as w:
                    more = bool(await retry_passing(w, VERSION))
        except AWAY as error:
            log.warning("what failed under another version waits: %r", error)
            return False
        except Exception:  # jobs that wait are worth more
            log.exception("what failed under another version is not tried again")
        return True

    def _kinds(self) -> set[str]:
        """What there is room for. What is quick has slots of its own: however many of these there are, they delay no upload."""
        room = {JOB} if self._count(JOB) < self.slots + KEPT_SLOTS else set()
        return room | {kind for kind in QUICK if not self._count(kind)}

    def _count(self, kind: str) -> int:
        return sum(other == kind for other in self.running.values())

    async def _next(self, kinds: set[str]) -> Lease | None:
        try:
            async with connection(self.app[POOL]) as conn:
                return await jobs.take(conn, kinds, self.name, LATER if self._count(JOB) < self.slots else FIRST)
        except AWAY as error:
            log.warning("no job can be leased: %r", error)
        except Exception:  # whatever it is, jobs wait, and the next look may find it mended
            log.exception("no job can be leased")
        await asyncio.sleep(POLL_SECONDS)
        return None

    async def _wait(self) -> None:
        """Until a job is queued, one of ours ends, or it is time to look again."""
        poke = asyncio.ensure_future(self.app[gateway.BROKER].wait_for_poke(gateway.JOBS, POLL_SECONDS))
        await asyncio.wait([poke, *self.running], return_when=asyncio.FIRST_COMPLETED)
        poke.cancel()
        await asyncio.wait([poke])

    def threads(self) -> int:
        """How many threads each codec of a child may have: one for each core where a clip is alone, for it is in a hurry.

        What else there is takes a moment, or no core, and does not count.
        """
        return min(self.cores, MOST_THREADS) if self._count(JOB) <= 1 else 1

    def begin_ladder(self, lease: Lease) -> bool:
        """Whether there is room for this ladder, which counts as running then: one slot is kept for first sources."""
        if len(self.ladders - {lease}) >= self.slots:
            return False
        self.ladders.add(lease)
        return True

    async def _drain(self) -> None:
        for task in self.running:
            task.cancel()
        if self.running:
            await asyncio.wait(self.running, timeout=DRAIN_SECONDS)

    async def _work(self, lease: Lease) -> None:
        """Run one job under its heartbeat, and settle how it ended."""
        if lease.faults >= self.app[SETTINGS].job_attempts:
            await self._fail(lease, BROKE_OFF, passing=True)
            return
        job = asyncio.create_task(self._run(lease), name=f"{lease.kind} {lease.subject_id}")
        try:
            async with running("heartbeat", self._heartbeat(lease, job)):
                await job
        except LeaseLost:
            log.info("job %s is not ours any more", lease.id)
        except Thawing:
            await self._settle(lease, partial(self._thaws, lease))
        except MediaError as error:
            await self._refused(lease, error)
        except asyncio.CancelledError:
            this = asyncio.current_task()
            if this is not None and this.cancelling():  # the worker stops; else the heartbeat has said that the lease is lost
                await self._settle(lease, partial(self._hand_back, lease, 0.0, None))
        except AWAY as error:
            await self._settle(lease, partial(self._hand_back, lease, self._delay(lease), repr(error)))
        except Exception as error:
            log.exception("job %s", lease.id)
            await self._broke_off(lease, BROKE_OFF, repr(error), mark_of(error))

    async def _run(self, lease: Lease) -> None:
        async with job_folder(self.app[FOLDER]) as folder:
            await KINDS[lease.kind].start(self.tools, lease, folder).run()

    async def _heartbeat(self, lease: Lease, job: "asyncio.Task[None]") -> None:
        """Keep the lease; a job that lost it is stopped. While PostgreSQL is away the job goes on: its writes are fenced."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                async with connection(self.app[POOL]) as conn:
                    held = await jobs.extend(conn, lease)
            except AWAY as error:
                log.warning("the lease of job %s could not be extended: %r", lease.id, error)
                continue
            if not held:
                log.info("job %s: the lease is lost", lease.id)
                job.cancel()
                return

    async def _refused(self, lease: Lease, error: MediaError) -> None:
        log.info("job %s: %s: %s", lease.id, error.code, error.detail)
        if error.retry:
            await self._broke_off(lease, failure_of(error), f"{error.code}: {error.detail}", error.mark)
        else:
            await self._fail(lease, failure_of(error))

    async def _thaws(self, lease: Lease) -> None:
        """Look again later; what does not thaw has broken off."""
        async with connection(self.app[POOL]) as conn:
            asked = await job_trace.first(conn, lease.id, HANDED_BACK, THAWS, 2 * THAW_MOST_SECONDS)
        if asked is not None and asked < datetime.now(UTC) - timedelta(seconds=THAW_MOST_SECONDS):
            await self._fail(lease, NEVER_THAWED, passing=True)
        else:
            await self._hand_back(lease, THAW_SECONDS, THAWS)

    async def _broke_off(self, lease: Lease, failure: Failure, why: str, mark: str) -> None:
        """Try again what may pass, but not without end, nor what has failed in the same way just before."""
        same = mark != "" and mark == lease.mark
        if same or lease.faults + 1 >= self.app[SETTINGS].job_attempts:
            await self._settle(lease, partial(self._note, lease, "broke off", f"{why} ({mark})" if mark else why))
            await self._fail(lease, failure, passing=True, mark=mark if same else "")
        else:
            await self._settle(lease, partial(self._hand_back, lease, self._delay(lease), why, fault=True, mark=mark))

    async def _fail(self, lease: Lease, failure: Failure, *, passing: bool = False, mark: str = "") -> None:
        fail = KINDS[lease.kind].fail
        await self._settle(lease, partial(fail, self.tools, lease, failure, passing=passing, mark=mark))

    async def _settle(self, lease: Lease, settling: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Write how a start ended. If PostgreSQL stays away the lease runs out instead, and somebody starts again."""
        for attempt in range(SETTLE_ATTEMPTS):
            try:
                return await settling()
            except AWAY as error:
                log.warning("job %s could not be settled: %r", lease.id, error)
                await asyncio.sleep(random.uniform(0.2, 0.5) * 2**attempt)  # noqa: S311 - jitter
        return None

    async def _note(self, lease: Lease, event: str, detail: str) -> None:
        async with connection(self.app[POOL]) as conn:
            await job_trace.note(conn, lease, event, detail)

    async def _hand_back(self, lease: Lease, seconds: float, error: str | None, *, fault: bool = False, mark: str = "") -> None:
        async with connection(self.app[POOL]) as conn:
            await job_trace.note(conn, lease, HANDED_BACK, error or "the worker stops")
            await jobs.hand_back(conn, lease, seconds, error, fault=fault, mark=mark)

    def _delay(self, lease: Lease) -> float:
        least, most = BACKOFF_SECONDS
        return random.uniform(least / 2, min(most, least * 2 ** min(lease.number, 10)))  # noqa: S311 - jitter


WORKER: web.AppKey[Worker] = web.AppKey("worker", Worker)


FOLDER: web.AppKey[Path] = web.AppKey("folder", Path)


async def working(app: web.Application) -> AsyncIterator[None]:
    """The children and the loop that feeds them."""
    found = await asyncio.to_thread(cores)
    slots = app[SETTINGS].worker_processes or found
    async with MediaPool(processes=slots + KEPT_SLOTS) as media:
        app[WORKER] = Worker(app, slots, media, found)
        async with running("worker", app[WORKER].run()):
            yield


def application(settings: Settings, folder: Path) -> web.Application:
    """The worker with its health and metrics pages; files in work lie in `folder`."""
    app = web.Application(middlewares=[problems])
    resources.provide(app, settings)
    app[FOLDER] = folder
    app.cleanup_ctx.extend([resources.postgres, resources.patient_object_store, gateway.announcer, resources.checks, working])
    resources.add_operations(app)
    return app


def run(settings: Settings) -> None:
    """`reelwire worker`."""
    root = Path(settings.work_dir) if settings.work_dir else private_root(Path(tempfile.gettempdir()))
    with work_folder(root) as folder:
        serve(application(settings, folder), settings)
