"""The job that makes a video play: fetch the original, probe it, publish the first source, then the rest of the ladder.

Safe to run twice and to be killed anywhere: objects are stored below a generation of this start of the job (its fencing
token), and every change of state is conditional on the lease still being held.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import msgspec

from media import limits
from media import steps as media_steps
from media.errors import MediaError, TooLong
from media.facts import Probe
from media.manifest import File, FirstSource, Ladder, Mp4, Rendition
from media.pool import OnProgress
from media.pool import Pool as MediaPool
from media.probe import probe
from media.task import Task
from server.accounts import queries as accounts
from server.kit.work import Announcer, Work, work
from server.videos import actions, queries, steps
from server.videos.actions import PREFIX, STRAGGLER_SECONDS
from server.videos.steps import NewRendition, Start
from server.videos.wire import Failure, RawObject, VideoProgressed
from storage import jobs
from storage.jobs import Lease
from storage.objects import ObjectStore, SentPart
from storage.postgres import AWAY, Pool

PROBED, FIRST, PLAYABLE, ENCODED = 0.05, 0.1, 0.45, 0.95
"""How far the job is when a stage is over; within a stage the children tell."""
TOLD_EVERY_SECONDS = 0.5
IMMUTABLE = "public, max-age=31536000, immutable"

log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has the job, or nobody needs it any more: what this one does is for nothing."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a transcoding needs of its process."""

    pool: Pool
    announcer: Announcer
    store: ObjectStore
    media: MediaPool
    media_bucket: str
    raw_bucket: str
    max_seconds: int
    url_seconds: int


@dataclass(slots=True)
class Transcoding:
    """One start of the job of one video, working in a folder that the caller removes."""

    tools: Tools
    lease: Lease
    folder: Path
    told: float = field(default=float("-inf"))
    telling: "asyncio.Task[None] | None" = field(default=None)

    @property
    def video_id(self) -> UUID:
        return self.lease.subject_id

    @property
    def author_id(self) -> UUID:
        return self.lease.account_id

    async def run(self) -> None:
        """From `uploaded`, or wherever an earlier start was lost, to `ready`.

        Raises:
            MediaError: the file cannot be a video, or not now.
            LeaseLost: the result is not ours to write.
            ConnectionError, TimeoutError and other signs of an outage: try again later.
        """
        try:
            await self._run()
        finally:
            if self.telling is not None:
                self.telling.cancel()
                await asyncio.wait([self.telling])

    async def _run(self) -> None:
        path = await self._fetch(await self._begin())
        facts = await self._probe(path)
        await asyncio.to_thread(self._out.mkdir)
        request = media_steps.Request(input=str(path), folder=str(self._out), probe=facts)
        first = await self.tools.media.run(
            media_steps.first_source, request, limits=media_steps.first_limits(facts), on_progress=self._between(FIRST, PLAYABLE)
        )
        await self._store(first.files)
        await self._playable(first)
        rest = await self.tools.media.run(
            media_steps.ladder_rest, request, limits=media_steps.rest_limits(facts), on_progress=self._between(PLAYABLE, ENCODED)
        )
        await self._store(rest.files)
        await self._ready(first, rest)

    @asynccontextmanager
    async def _under_lease(self) -> AsyncIterator[Work]:
        """A transaction that commits only while the lease is ours.

        The author's row comes first here as wherever a video is changed or deleted: nobody waits for another in a circle, and
        the order of an author's publications is the order of these locks.
        """
        async with work(self.tools.pool, self.tools.announcer, None) as w:
            await accounts.lock(w.conn, self.lease.account_id)
            if not await jobs.holds(w.conn, self.lease):
                raise LeaseLost
            yield w

    async def _begin(self) -> RawObject:
        async with self._under_lease() as w:
            original = await steps.original(w.conn, self.video_id)
            if original is None:
                raise LeaseLost
            await steps.begin(w.conn, self.video_id)
        await self._tell(0.0)
        return original

    async def _fetch(self, raw: RawObject) -> Path:
        """The original as a file under a name of ours, in a folder that holds nothing else."""
        bucket = self.tools.raw_bucket
        if raw.multipart_id is not None:
            await self.tools.store.complete_multipart(
                bucket, raw.key, raw.multipart_id, [SentPart(p.number, p.etag) for p in raw.parts]
            )
            async with self._under_lease() as w:
                await steps.raw_is_whole(w.conn, self.video_id)
        path = self.folder / "in" / "original"
        await asyncio.to_thread(path.parent.mkdir)
        await self.tools.store.download(bucket, raw.key, path)
        return path

    async def _probe(self, path: Path) -> Probe:
        facts = await self.tools.media.run(probe, Task(input=str(path)), limits=limits.PROBE)
        if facts.seconds > self.tools.max_seconds + limits.MAX_SECONDS_SLACK:
            raise TooLong(f"Longer than {self.tools.max_seconds} s.")
        await self._tell(PROBED)
        return facts

    @property
    def _out(self) -> Path:
        return self.folder / "out"

    async def _store(self, files: Sequence[File]) -> None:
        prefix = f"{PREFIX.format(video_id=self.video_id)}{self.lease.number}/"
        store, bucket = self.tools.store, self.tools.media_bucket
        try:
            async with asyncio.TaskGroup() as group:
                for file in files:
                    path = self._out / file.name
                    put = store.put_file(
                        bucket, prefix + file.name, path, content_type=file.content_type, cache_control=IMMUTABLE
                    )
                    group.create_task(put, name=f"store {file.name}")
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _playable(self, first: FirstSource) -> None:
        start = Start(
            generation=self.lease.number,
            duration_ms=round(first.seconds * 1000),
            width=first.width,
            height=first.height,
            thumbhash=first.poster.thumbhash,
            poster=first.poster.name,
            progress=PLAYABLE,
        )
        async with self._under_lease() as w:
            await self._replace_generation(w)
            await steps.playable(w.conn, self.video_id, self.author_id, start, [_mp4(first.mp4, start=True)])
            await actions.publish(w, self.video_id, self.author_id)
        await self._tell(PLAYABLE, force=True)

    async def _replace_generation(self, w: Work) -> None:
        """What earlier starts stored goes when nobody can hold its URLs any more, whether it was published or not."""
        for old in range(1, self.lease.number):
            prefix = f"{PREFIX.format(video_id=self.video_id)}{old}/"
            await queries.remove_objects(w.conn, self.video_id, "media", prefix, seconds=self.tools.url_seconds)

    async def _ready(self, first: FirstSource, rest: Ladder) -> None:
        variants = [_variant(r, first) for r in (first.rendition, *rest.renditions)]
        more = [*variants, *(_mp4(m, start=False) for m in rest.mp4s)]
        audio = msgspec.json.encode(first.audio) if first.audio else None
        await self._told()
        async with self._under_lease() as w:
            await steps.ready(w.conn, self.video_id, audio, more)
            await jobs.end(w.conn, self.lease)
            w.emit(VideoProgressed(self.video_id, self.author_id, "ready", 1.0))

    def _between(self, start: float, end: float) -> OnProgress:
        def tell(_stage: str, fraction: float) -> None:
            if time.monotonic() - self.told >= TOLD_EVERY_SECONDS and (self.telling is None or self.telling.done()):
                share = start + (end - start) * min(max(fraction, 0.0), 1.0)
                self.telling = asyncio.create_task(self._tell(share), name="progress")

        return tell

    async def _tell(self, share: float, *, force: bool = False) -> None:
        """Note the progress and tell the author. It is news, not state: not fenced, it only rises, and an outage is no matter."""
        self.told = time.monotonic()
        if force:
            await self._told()
        try:
            async with work(self.tools.pool, self.tools.announcer, None) as w:
                now = await steps.progress(w.conn, self.video_id, share)
                if now is not None:
                    w.emit(VideoProgressed(self.video_id, self.author_id, *now))
        except AWAY as error:
            log.info("%s: progress was not noted: %r", self.video_id, error)

    async def _told(self) -> None:
        """Wait for news on its way, so that none comes after what follows."""
        if self.telling is not None:
            await asyncio.wait([self.telling])


async def fail(tools: Tools, lease: Lease, failure: Failure) -> None:
    """The video will not play, or no more of it will: a video that plays already stays as it is."""
    video_id = lease.subject_id
    async with work(tools.pool, tools.announcer, None) as w:
        await accounts.lock(w.conn, lease.account_id)
        if not await jobs.holds(w.conn, lease):
            return
        stopped = await steps.failed(w.conn, video_id, failure)
        if stopped is not None:
            sha256, progress = stopped
            await _forget_files(w, lease, sha256)
            w.emit(VideoProgressed(video_id, lease.account_id, "failed", progress, failure))
        await jobs.end(w.conn, lease, f"{failure.code}: {failure.detail}")


async def _forget_files(w: Work, lease: Lease, sha256: bytes) -> None:
    """Nothing of a failed video is kept, and its bytes may be tried again."""
    video_id = lease.subject_id
    await queries.free_file(w.conn, lease.account_id, sha256, video_id)
    await queries.remove_objects(w.conn, video_id, "media", PREFIX.format(video_id=video_id), seconds=STRAGGLER_SECONDS)
    key = await steps.forget_raw(w.conn, video_id)
    if key is not None:
        await queries.remove_objects(w.conn, video_id, "raw", key, seconds=STRAGGLER_SECONDS)


def failure_of(error: MediaError) -> Failure:
    """How a refused file is told to its author."""
    return Failure(error.code, error.detail)


def _mp4(mp4: Mp4, *, start: bool) -> NewRendition:
    facts = msgspec.json.encode({"start": start})
    return NewRendition(mp4.name, "mp4", mp4.width, mp4.height, mp4.bitrate, mp4.bytes, facts)


def _variant(rendition: Rendition, first: FirstSource) -> NewRendition:
    """`bitrate` is what the variant asks of the network at its peak: pictures and sound."""
    bitrate = rendition.bandwidth + (first.audio.bandwidth if first.audio else 0)
    facts = msgspec.json.encode(rendition)
    return NewRendition(rendition.name, "hls", rendition.width, rendition.height, bitrate, rendition.bytes, facts)
