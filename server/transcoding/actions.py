"""How jobs end other than well, and begin again: failures that stay, failures that may pass, the operator's hand."""

from uuid import UUID

import av

from media.errors import MediaError
from media.opening import REVISION
from server.accounts import queries as accounts
from server.kit.work import Work, work
from server.transcoding.jobs import Tools
from server.videos import queries, steps
from server.videos.actions import JOB, PREFIX, STRAGGLER_SECONDS
from server.videos.wire import Failure, JobQueued, VideoProgressed
from storage import job_trace, jobs
from storage.jobs import Lease

VERSION = f"pipeline {REVISION}, PyAV {av.__version__}"
"""What a job failed under: a worker of another version tries again."""
RETRIED_AT_ONCE = 100


async def fail(tools: Tools, lease: Lease, failure: Failure, *, passing: bool = False) -> None:
    """The video will not play, or no more of it will. Where the reason may pass its original is kept, and it is tried again."""
    video_id = lease.subject_id
    async with work(tools.pool, tools.announcer, None) as w:
        await accounts.lock(w.conn, lease.account_id)
        if not await jobs.holds(w.conn, lease):
            return
        stopped = await steps.failed(w.conn, video_id, failure)
        if stopped is not None:
            sha256, progress = stopped
            if not passing:
                await _forget_files(w, lease, sha256)
            w.emit(VideoProgressed(video_id, lease.account_id, "failed", progress, failure))
        await job_trace.note(w.conn, lease, "failed", f"{failure.code}: {failure.detail}")
        await jobs.end(w.conn, lease, f"{failure.code}: {failure.detail}", passing=passing, version=VERSION)


async def _forget_files(w: Work, lease: Lease, sha256: bytes) -> None:
    """Nothing of a video that never will play is kept, and its bytes may be tried again."""
    video_id = lease.subject_id
    await queries.free_file(w.conn, lease.account_id, sha256, video_id)
    await queries.remove_objects(w.conn, video_id, "media", PREFIX.format(video_id=video_id), seconds=STRAGGLER_SECONDS)
    key = await steps.forget_raw(w.conn, video_id)
    if key is not None:
        await queries.remove_objects(w.conn, video_id, "raw", key, seconds=STRAGGLER_SECONDS)


async def retry_passing(w: Work) -> list[UUID]:
    """Queue again what failed for reasons that may have passed; the videos."""
    videos = await jobs.retry_passing(w.conn, JOB, VERSION, RETRIED_AT_ONCE)
    for video_id in videos:
        w.emit(JobQueued(video_id))
    return videos


def failure_of(error: MediaError) -> Failure:
    """How a refused file is told to its author."""
    return Failure(error.code, error.detail)
