"""The job that makes a video play: probe the original, publish the first source, then the ladder, pictures, a fingerprint.

Each step is durable: what it made lies below the number of the start that did it, and is recorded in the transaction that
shows it. Whoever starts the job again, after a kill or because others went first, goes on behind the last step.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec

from media import fingerprint, limits, previews
from media import steps as media_steps
from media.errors import TooLong
from media.facts import Probe
from media.launcher import Ended
from media.limits import Limits
from media.manifest import File, FirstSource, Ladder, Pictures
from media.pool import OnProgress
from media.pool import Pool as MediaPool
from media.probe import probe
from media.task import Report, Task
from server.accounts import queries as accounts
from server.deeds import actions as deeds
from server.deeds.wire import Deed
from server.kit.invalidation import invalidate
from server.kit.work import Announcer, Work, work
from server.transcoding import made, originals, repeats
from server.transcoding.leftovers import kept, sweep
from server.transcoding.news import News
from server.transcoding.originals import OriginalGone
from server.videos import actions, fingerprints, queries, shared, sharing, steps
from server.videos.actions import PREFIX
from server.videos.steps import Start
from server.videos.wire import RawObject, Shared, VideoProgressed
from storage import job_steps, job_trace, jobs
from storage.cold import Cold
from storage.job_steps import Step
from storage.jobs import LATER, Lease
from storage.objects import ObjectMissing, ObjectStore
from storage.postgres import Pool, connection

PROBED, PLAYABLE, ENCODED, PICTURED, FINGERPRINTED = 0.05, 0.3, 0.9, 0.96, 0.98
"""How far the job is when a step is over; within a step the children tell."""
IMMUTABLE = "public, max-age=31536000, immutable"
MADE_AGAIN = "made again"
"""In the trace of a job: objects of it were lost."""

T = TypeVar("T", bound=Task)
R = TypeVar("R", bound=msgspec.Struct)
log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has the job, or nobody needs it any more: what this one does is for nothing."""


def alone() -> int:
    """One thread for each child: what costs least where several run."""
    return 1


def always(lease: Lease) -> bool:  # noqa: ARG001 - as any process says it
    """There is room for every ladder."""
    return True


@dataclass(frozen=True, slots=True)
class Tools:
    """What a transcoding needs of its process.

    Attributes:
        threads: tells how many each codec may use at this moment.
        cold: the archive.
        begin_ladder: whether there is room for one more beside those that run; it is counted then, until its start is over.
    """

    pool: Pool
    announcer: Announcer
    store: ObjectStore
    media: MediaPool
    media_bucket: str
    raw_bucket: str
    max_seconds: int
    url_seconds: int
    threads: Callable[[], int] = alone
    begin_ladder: Callable[[Lease], bool] = always
    cold: Cold | None = None


@asynccontextmanager
async def under_lease(tools: Tools, lease: Lease) -> AsyncIterator[Work]:
    """A transaction that commits only while the lease is ours.

    The author's row comes first here as wherever a video is changed or deleted: nobody waits for another in a circle, and
    the order of an author's publications is the order of these locks.

    Raises:
        LeaseLost: it is not, or the account is gone.
    """
    async with work(tools.pool, tools.announcer, None) as w:
        there = await accounts.lock(w.conn, lease.account_id)
        if not there or not await jobs.holds(w.conn, lease):
            raise LeaseLost
        yield w


@dataclass(slots=True)
class Transcoding:
    """One start of the job of one video, working in a folder that the caller removes."""

    tools: Tools
    lease: Lease
    folder: Path
    news: News = field(init=False)
    done: dict[str, Step] = field(default_factory=dict)
    spent: Ended = field(default=Ended(0, 0.0, 0))
    raw: RawObject | None = field(default=None)
    shared: list[Shared] = field(default_factory=list)
    made_again: bool = field(default=False)

    def __post_init__(self) -> None:
        self.news = News(self.tools.pool, self.tools.announcer, self.video_id, self.author_id)

    @property
    def video_id(self) -> UUID:
        return self.lease.subject_id

    @property
    def author_id(self) -> UUID:
        return self.lease.account_id

    async def run(self) -> None:
        """From wherever an earlier start ended to `ready`, or to where those who see nothing yet should go first.

        Raises:
            MediaError: the file cannot be a video, or not now.
            LeaseLost: the result is not ours to write.
            ConnectionError, TimeoutError and other signs of an outage: try again later.
        """
        try:
            await self._begin()
            await self._look_back()
            facts = await self._probe()
            first = await self._first(facts)
            if not await self._steps_back():
                ladder = await self._ladder(facts, first)
                await self._pictures(ladder)
                await self._fingerprint(ladder)
                await self._finish()
        finally:
            await self.news.end()

    def _under_lease(self) -> AbstractAsyncContextManager[Work]:
        return under_lease(self.tools, self.lease)

    async def _begin(self) -> None:
        async with self._under_lease() as w:
            self.raw = await steps.original(w.conn, self.video_id)
            if self.raw is None:
                raise LeaseLost if await queries.head(w.conn, self.video_id) is None else OriginalGone
            self.done = await job_steps.done(w.conn, self.lease)
            self.shared = await shared.of(w.conn, self.video_id)
            self.made_again = await job_trace.happened(w.conn, self.lease.id, MADE_AGAIN)
            await steps.begin(w.conn, self.video_id)
            await job_trace.note(w.conn, self.lease, "started", ", ".join(self.done) or "from the beginning")
        await self.news.tell(0.0)

    async def _look_back(self) -> None:
        """Fetch what an earlier start has made and this one looks at; where it is lost it is made again, by this one."""
        step = self.done.get("ladder")
        if step is None or {"pictures", "fingerprint"} <= self.done.keys():
            return
        name = made.smallest(msgspec.json.decode(step.result, type=Ladder)).track
        place, bucket = shared.stored_below(self.video_id, step.generation, name, self.shared), self.tools.media_bucket
        path = await self._out() / name
        try:
            await self.tools.store.download(bucket, shared.key_of(*place, name), path)
        except ObjectMissing:
            await self.tools.store.check(bucket)
            await asyncio.to_thread(path.unlink, missing_ok=True)
            await self._original()  # without it what is left plays on
            async with connection(self.tools.pool) as conn:
                await shared.mark_lost(conn, *place, [name])
            async with self._under_lease() as w:
                self.done = await repeats.forget(w.conn, self.lease.id, self.video_id, {"ladder"}, self.done.values())
                await job_trace.note(w.conn, self.lease, MADE_AGAIN, f"lost: {step.generation}/{name}")
            self.made_again = True

    async def _original(self) -> Path:
        """The original as a file under a name of ours, in a folder that holds nothing else.

        Raises:
            OriginalGone, Thawing: the store does not have it, or not yet.
        """
        assert self.raw is not None
        path, raw = self.folder / "in" / "original", self.raw
        if await asyncio.to_thread(path.exists):
            return path
        await asyncio.to_thread(path.parent.mkdir)
        await originals.fetch(self.tools, self.lease, raw, path, self._under_lease)
        return path

    async def _probe(self) -> Probe:
        if step := self.done.get("probe"):
            return msgspec.json.decode(step.result, type=Probe)
        task = Task(input=str(await self._original()))
        facts = await self._child(probe, task, limits.PROBE, self.news.between(0.0, PROBED))
        if facts.seconds > self.tools.max_seconds + limits.MAX_SECONDS_SLACK:
            raise TooLong(f"Longer than {self.tools.max_seconds} s.")
        # Recorded with the first source: until something plays, looking again is cheaper than another commit.
        self.done["probe"] = self._step("probe", facts)
        return facts

    async def _first(self, facts: Probe) -> FirstSource:
        if step := self.done.get("first"):
            return msgspec.json.decode(step.result, type=FirstSource)
        request = await self._request(facts)
        told = self.news.between(PROBED, PLAYABLE)
        first = await self._child(media_steps.first_source, request, media_steps.first_limits(facts, request.threads), told)
        await self._store(first.files)
        step = self._step("first", first)
        start = Start(
            generation=self.lease.number,
            duration_ms=round(first.seconds * 1000),
            width=first.width,
            height=first.height,
            thumbhash=first.poster.thumbhash,
            poster=f"{self.lease.number}/{first.poster.name}",
            progress=PLAYABLE,
        )
        async with self._under_lease() as w:
            await job_steps.record(w.conn, self.lease, self.done["probe"])
            await self._record(w, step)
            await steps.playable(w.conn, self.video_id, self.author_id, start, [made.mp4(first.mp4, self.lease.number)])
            await actions.publish(w, self.video_id, self.author_id)
        await self.news.tell(PLAYABLE)
        return first

    async def _steps_back(self) -> bool:
        """Hand the rest back where somebody waits whose video does not play at all, or may come and find no slot."""
        if self.lease.phase >= LATER or "ladder" in self.done:
            return False
        async with self._under_lease() as w:
            if await jobs.others_wait(w.conn, actions.JOB, LATER):
                why = "first sources go first"
            elif not self.tools.begin_ladder(self.lease):
                why = "as many ladders run here as may"
            else:
                return False
            await job_trace.note(w.conn, self.lease, "stepped back", why)
            await jobs.hand_back(w.conn, self.lease, 0.0, phase=LATER)
        return True

    async def _ladder(self, facts: Probe, first: FirstSource) -> Ladder:
        if step := self.done.get("ladder"):
            return msgspec.json.decode(step.result, type=Ladder)
        request = msgspec.structs.replace(await self._request(facts), first=first)
        told = self.news.between(PLAYABLE, ENCODED)
        ladder = await self._child(media_steps.ladder_rest, request, media_steps.rest_limits(facts, request.threads), told)
        await self._store(ladder.files)
        number, step = self.lease.number, self._step("ladder", ladder)
        sound = msgspec.json.encode(ladder.audio) if ladder.audio else None
        async with self._under_lease() as w:
            await self._record(w, step)
            for reason in ladder.reasons:
                await job_trace.note(w.conn, self.lease, "not listed", reason)
            await steps.add(w.conn, self.video_id, made.sources(ladder, number), sound, number)
            for name in ladder.replaces:
                await steps.drop(w.conn, self.video_id, name)
                path = f"{PREFIX.format(video_id=self.video_id)}{self.done['first'].generation}/{name}"
                await queries.remove_objects(w.conn, self.video_id, "media", path, seconds=self.tools.url_seconds)
        return ladder

    async def _pictures(self, ladder: Ladder) -> None:
        if "pictures" in self.done:
            return
        task = Task(input=str(await self._small(ladder)), folder=str(await self._out()))
        pictures: Pictures = await self._child(previews.pictures, task, limits.PICTURES, self.news.between(ENCODED, PICTURED))
        await self._store(pictures.files)
        step, number = self._step("pictures", pictures), self.lease.number
        async with self._under_lease() as w:
            await self._record(w, step)
            await steps.pictured(
                w.conn, self.video_id, f"{number}/{pictures.preview.name}", f"{number}/{pictures.storyboard.cues}"
            )

    async def _fingerprint(self, ladder: Ladder) -> None:
        if "fingerprint" in self.done:
            return
        task, told = Task(input=str(await self._small(ladder))), self.news.between(PICTURED, FINGERPRINTED)
        found = await self._child(fingerprint.fingerprint, task, limits.FINGERPRINT, told)
        step = self._step("fingerprint", made.Fingerprinted(len(found.moments)))
        async with self._under_lease() as w:
            await self._record(w, step)
            await fingerprints.keep(w.conn, self.video_id, found)

    async def _small(self, ladder: Ladder) -> Path:
        """The rendition that is looked at for pictures and fingerprints: just made, or fetched when this start began."""
        return await self._out() / made.smallest(ladder).track

    async def _finish(self) -> None:
        await self.news.settled()
        missing = await self._missing()
        async with self._under_lease() as w:
            await steps.ready(w.conn, self.video_id)
            await sweep(w.conn, self.video_id, self.lease.id, self.lease.number, self.tools.url_seconds)
            await self._share(w, missing)
            await job_trace.note(w.conn, self.lease, "done")
            await jobs.end(w.conn, self.lease)
            await invalidate(w, self.author_id, "card", self.video_id)
            await deeds.keep(w.conn, Deed(self.author_id, "video_ready", self.video_id))
            w.emit(VideoProgressed(self.video_id, self.author_id, "ready", 1.0))

    async def _missing(self) -> set[str]:
        """Which of the files that might be stored once, in another place, are not there."""
        async with connection(self.tools.pool) as conn:
            keys = await sharing.candidates(conn, self.video_id, made.digests(self.done.values()))
        heads = await asyncio.gather(*(self.tools.store.head(self.tools.media_bucket, key) for key in keys))
        return {key for key, head in zip(keys, heads, strict=True) if head is None}

    async def _share(self, w: Work, missing: set[str]) -> None:
        """What another video of the same bytes has as well is stored once. Nothing that can be seen changes by it.

        What was made again stays its own: it may have been lost where it would be looked for.
        """
        seconds = self.tools.url_seconds
        await sharing.retire(w.conn, self.video_id, await kept(w.conn, self.video_id), seconds)
        digests = made.digests(self.done.values())
        if self.made_again:
            await shared.keep_digests(w.conn, self.video_id, digests)
        elif files := await sharing.merge(w.conn, self.video_id, digests, seconds, missing):
            await job_trace.note(w.conn, self.lease, "shared", f"{files} files are stored once")

    async def _request(self, facts: Probe) -> media_steps.Request:
        source, folder = await self._original(), await self._out()
        return media_steps.Request(input=str(source), folder=str(folder), probe=facts, threads=self.tools.threads())

    async def _out(self) -> Path:
        folder = self.folder / "out"
        await asyncio.to_thread(folder.mkdir, exist_ok=True)
        return folder

    async def _child(self, function: Callable[[T, Report], R], task: T, bounds: Limits, on_progress: OnProgress) -> R:
        def ended(how: Ended) -> None:
            self.spent = how

        return await self.tools.media.run(function, task, limits=bounds, on_progress=on_progress, on_end=ended)

    def _step(self, name: str, result: msgspec.Struct) -> Step:
        spent = self.spent
        return Step(name, self.lease.number, msgspec.json.encode(result), spent.cpu_seconds, spent.peak_bytes)

    async def _record(self, w: Work, step: Step) -> None:
        await job_steps.record(w.conn, self.lease, step)
        spent = f"{step.cpu_seconds:.1f} CPU s, {step.peak_bytes >> 20} MiB"
        await job_trace.note(w.conn, self.lease, f"{step.name} done", spent)
        self.done[step.name] = step

    async def _store(self, files: Sequence[File]) -> None:
        prefix = f"{PREFIX.format(video_id=self.video_id)}{self.lease.number}/"
        store, bucket, folder = self.tools.store, self.tools.media_bucket, await self._out()
        try:
            async with asyncio.TaskGroup() as group:
                for file in files:
                    put = store.put_file(
                        bucket, prefix + file.name, folder / file.name, content_type=file.content_type, cache_control=IMMUTABLE
                    )
                    group.create_task(put, name=f"store {file.name}")
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
