"""How jobs end other than well, and begin again: failures that stay, failures that may pass, the operator's hand."""

from collections.abc import Sequence
from uuid import UUID

import av
import msgspec

from media.errors import MediaError, Unreadable
from media.manifest import FirstSource
from media.opening import REVISION
from server.accounts import queries as accounts
from server.deeds import actions as deeds
from server.deeds.wire import Deed
from server.kit.invalidation import invalidate
from server.kit.work import Work, work
from server.transcoding import repeats
from server.transcoding.jobs import MADE_AGAIN, Tools
from server.transcoding.leftovers import sweep
from server.videos import queries, shared, steps
from server.videos.actions import JOB, POSTER_JOB, PREFIX, STRAGGLER_SECONDS
from server.videos.shared import OfFile
from server.videos.wire import Failure, JobQueued, VideoProgressed, VideoWithdrawn
from storage import job_steps, job_trace, jobs
from storage.job_steps import Step
from storage.job_trace import JobRow
from storage.jobs import Lease
from storage.postgres import Rows

VERSION = f"pipeline {REVISION}, PyAV {av.__version__}"
"""What a job failed under: a worker of another version tries again, once, when it starts."""
RETRIED_AT_ONCE = 100
CANCELLED = Failure("internal", "Processing was cancelled by the operator.")


class NotPossible(Exception):
    """This cannot be done with that job; the message says why."""


async def fail(tools: Tools, lease: Lease, failure: Failure, *, passing: bool = False, mark: str = "") -> None:
    """The video will not play, or no more of it will. Where the reason may pass its original is kept, and it is tried again.

    With a `mark` it is tried again by another version only. A video that plays already never fails: for good, or until there
    is such a version, it is `ready` with what there is. Only the upload's own pictures, shown before anybody had decoded all
    of them, are withdrawn where most turn out to be damaged: had they been encoded they would not have been shown.
    """
    video_id = lease.subject_id
    async with work(tools.pool, tools.announcer, None) as w:
        await accounts.lock(w.conn, lease.account_id)
        if not await jobs.holds(w.conn, lease):
            return
        stopped = await steps.failed(w.conn, video_id, failure) or await _withdraw(w, lease, failure)
        if stopped is not None:
            sha256, progress = stopped
            if not passing:
                await _forget_files(w, lease, sha256)
            await deeds.keep(w.conn, Deed(lease.account_id, "video_failed", video_id))
            w.emit(VideoProgressed(video_id, lease.account_id, "failed", progress, failure))
        await job_trace.note(w.conn, lease, "failed", f"{failure.code}: {failure.detail}")
        if not passing or mark:
            await settle(w, lease, tools.url_seconds)
        await jobs.end(w.conn, lease, f"{failure.code}: {failure.detail}", passing=passing, version=VERSION, mark=mark)


async def _withdraw(w: Work, lease: Lease, failure: Failure) -> tuple[bytes, float] | None:
    """Withdraw what plays, where the file is no video after all. What was made of it once is, whatever becomes of it later."""
    done = await job_steps.done(w.conn, lease)
    if failure.code != Unreadable.code or "first" not in done or "ladder" in done:
        return None
    copied = msgspec.json.decode(done["first"].result, type=FirstSource).copied
    if not copied or await job_trace.happened(w.conn, lease.id, MADE_AGAIN):
        return None
    stopped = await steps.withdrawn(w.conn, lease.subject_id, lease.account_id, failure)
    if stopped is not None:
        await jobs.cancel(w.conn, POSTER_JOB, lease.subject_id)
        await invalidate(w, lease.account_id, "video", lease.subject_id)
        head = await queries.head(w.conn, lease.subject_id)
        if head is not None and head.visibility != "private":
            w.emit(VideoWithdrawn(lease.subject_id, lease.account_id))
        await job_trace.note(w.conn, lease, "withdrawn")
    return stopped


async def settle(w: Work, last: Lease, url_seconds: float) -> bool:
    """A video that plays is `ready` with what there is; whether it was one. The caller holds the lock of the author's row."""
    if not await steps.settled(w.conn, last.subject_id):
        return False
    await sweep(w.conn, last.subject_id, last.id, last.number, url_seconds)
    await job_trace.note(w.conn, last, "settled", "ready with what plays")
    w.emit(VideoProgressed(last.subject_id, last.account_id, "ready", 1.0))
    return True


async def _forget_files(w: Work, lease: Lease, sha256: bytes) -> None:
    """Nothing of a video that never will play is kept, and its bytes may be tried again."""
    video_id = lease.subject_id
    await queries.free_file(w.conn, lease.account_id, sha256, video_id)
    await queries.remove_objects(w.conn, video_id, "media", PREFIX.format(video_id=video_id), seconds=STRAGGLER_SECONDS)
    key = await steps.forget_raw(w.conn, video_id)
    if key is not None:
        await queries.remove_objects(w.conn, video_id, "raw", key, seconds=STRAGGLER_SECONDS)


async def retry_passing(w: Work, version: str | None = None) -> list[UUID]:
    """Queue again what failed for reasons that may have passed, or under another version than this one; the videos."""
    videos = await jobs.retry_passing(w.conn, JOB, version, RETRIED_AT_ONCE)
    for video_id in videos:
        w.emit(JobQueued(video_id))
    return videos


async def retry(w: Work, job: JobRow) -> None:
    """Queue a job that has failed or was cancelled; its video is `processing` again when it starts.

    Raises:
        NotPossible: it is in another state, or there is nothing to start from.
    """
    await accounts.lock(w.conn, job.account_id)
    if job.kind == JOB:
        await require_original(w.conn, job.subject_id)
    if not await queue_again(w, job, ("failed", "cancelled"), "retried by hand"):
        raise NotPossible(f"job {job.id} is {job.state}; only failed and cancelled ones can be retried")


async def require_original(conn: Rows, video_id: UUID) -> None:
    """There is something to start from.

    Raises:
        NotPossible.
    """
    if await steps.original(conn, video_id) is None:
        gone = await queries.head(conn, video_id) is None
        raise NotPossible(f"video {video_id} is gone" if gone else f"the original of video {video_id} is gone")


async def queue_again(w: Work, job: JobRow, states: Sequence[str], event: str, detail: str = "") -> bool:
    """Queue a job that ended in one of these states; whether it had."""
    number = await jobs.requeue(w.conn, job.id, states)
    if number is None:
        return False
    await job_trace.note_of(w.conn, job.id, number, event, detail)
    w.emit(JobQueued(job.subject_id))
    return True


async def cancel(w: Work, job: JobRow, url_seconds: float) -> None:
    """End a job that waits or runs: a start learns of it at its next heartbeat.

    A video that does not play yet fails, and keeps its original for another try; one that plays is `ready` with what there is.

    Raises:
        NotPossible: it is over already.
    """
    await accounts.lock(w.conn, job.account_id)
    number = await jobs.cancel_one(w.conn, job.id)
    if number is None:
        raise NotPossible(f"job {job.id} is {job.state}; only queued and leased ones can be cancelled")
    await job_trace.note_of(w.conn, job.id, number, "cancelled by hand")
    if job.kind != JOB or await settle(w, job.start(number), url_seconds):
        return
    await sweep(w.conn, job.subject_id, job.id, number, url_seconds)
    stopped = await steps.failed(w.conn, job.subject_id, CANCELLED)
    if stopped is not None:
        w.emit(VideoProgressed(job.subject_id, job.account_id, "failed", stopped[1], CANCELLED))


async def make_again(w: Work, job: JobRow, lost: set[str], known: Sequence[Step]) -> bool:
    """Queue a job that is done, to do those steps again whose objects are lost; whether it still is done.

    Raises:
        NotPossible: there is nothing to start from.
    """
    await accounts.lock(w.conn, job.account_id)
    await require_original(w.conn, job.subject_id)
    if not await queue_again(w, job, ("done",), MADE_AGAIN, f"lost: {', '.join(sorted(repeats.to_repeat(lost, known)))}"):
        return False
    await repeats.forget(w.conn, job.id, job.subject_id, lost, known)
    await invalidate(w, job.account_id, "card", job.subject_id)
    return True


async def make_anew(w: Work, video: OfFile, job: JobRow | None, last: int, detail: str) -> bool:
    """Queue the whole job of a video that is ready and has no steps to go on from; whether it still is ready.

    Args:
        w: the transaction.
        video: that has lost something.
        job: which made it, if that is known; it is done.
        last: the newest generation that the video has had.
        detail: what is lost, for the trace.

    Raises:
        NotPossible: there is nothing to start from.
    """
    await accounts.lock(w.conn, video.author_id)
    await require_original(w.conn, video.video_id)
    head = await queries.head(w.conn, video.video_id, lock=True)
    if head is None or head.status != "ready":
        return False
    if job is not None:
        if not await queue_again(w, job, ("done",), MADE_AGAIN, detail):
            return False
    elif await job_trace.newest(w.conn, JOB, [video.video_id]):
        return False
    else:
        job_id = await jobs.enqueue(w.conn, JOB, video.video_id, video.author_id, after=last)
        await job_trace.note_of(w.conn, job_id, last, MADE_AGAIN, detail)
        w.emit(JobQueued(video.video_id))
    await shared.mark(w.conn, video.video_id, lost=True)
    await steps.reopened(w.conn, video.video_id)
    await invalidate(w, video.author_id, "card", video.video_id)
    return True


def failure_of(error: MediaError) -> Failure:
    """How a refused file is told to its author."""
    return Failure(error.code, error.detail)
