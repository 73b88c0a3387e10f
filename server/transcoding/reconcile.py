"""The reconciler: compares videos, jobs and objects, a slice in each run, and repairs or names what does not agree.

Everything here is safe to run twice, and decides again under the locks of whatever it repairs: between a look and a repair the
video may have come further.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from aiohttp import web

from server.accounts import queries as accounts
from server.kit.request import ANNOUNCER, POOL, SETTINGS
from server.kit.work import Work, work
from server.transcoding import leftovers, lost, originals, queries, strays
from server.transcoding.actions import queue_again, retry_passing, settle
from server.transcoding.alone import alone
from server.transcoding.findings import Finding, found
from server.transcoding.queries import Unfinished
from server.videos import queries as videos
from server.videos import steps
from server.videos.actions import JOB
from server.videos.wire import PLAYS, Failure, JobQueued, Status, VideoProgressed
from storage import job_steps, job_trace, jobs, walks
from storage.job_trace import JobRow
from storage.jobs import MOST_FAILURES
from storage.postgres import connection

YOUNG_SECONDS = 180.0
"""What is younger is left alone."""
VIDEOS_AT_ONCE, JOBS_AT_ONCE = 500, 500
JUST_ENDED_AT_ONCE, ENDED_AT_ONCE = 100, 20
"""Jobs whose objects are looked at in a run: those that have just ended, and of all others."""
MARKED_AT_ONCE, WITHOUT_JOB_AT_ONCE = 20, 20
"""Videos whose objects are looked at in a run: those that are known to have lost some, and those that no job stands for."""
MADE_AT_ONCE = 500
"""Videos among which these are looked for."""
ORIGINALS_AT_ONCE = 20
JUST_ENDED = timedelta(hours=1)
"""So far back the walk along what has just ended begins, when there has been none before."""
NOTHING = UUID(int=0)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
GONE = Failure("internal", "The original is gone.")


async def reconcile(app: web.Application) -> None:
    """One run: each part goes on where its last run ended. What goes wrong with one video, job or part holds up no other.

    Raises:
        StoreUnavailable, ObjectMissing: the store as a whole does not answer; the next run goes on.
    """
    async with alone(app, "trying again"):
        await _try_again(app)
    async with alone(app, "unfinished videos"):
        await look_at_videos(app)
    async with alone(app, "open jobs"):
        await look_at_jobs(app)
    async with alone(app, "objects of what has just ended"):
        await look_at_objects(app, "just ended", JUST_ENDED_AT_ONCE, datetime.now(UTC) - JUST_ENDED, again=False)
    async with alone(app, "objects of what ended"):
        await look_at_objects(app, "ended", ENDED_AT_ONCE, LONG_AGO, again=True)
    async with alone(app, "what has lost something"):
        await look_at_made(app, "lost", MARKED_AT_ONCE, marked=True)
    async with alone(app, "objects that no job stands for"):
        await look_at_made(app, "made", WITHOUT_JOB_AT_ONCE, marked=False)
    async with alone(app, "originals in parts"):
        await look_at_originals(app)
    await strays.look(app, strays.OLD_SECONDS)


async def _try_again(app: web.Application) -> None:
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        videos_again = await retry_passing(w)
    for video_id in videos_again:
        found("retried", video_id, "what it failed of may have passed")


async def look_at_videos(app: web.Application, young_seconds: float = YOUNG_SECONDS) -> None:
    """Videos that are not over, and whose job is."""
    async with connection(app[POOL]) as conn:
        after = UUID(await walks.position(conn, "unfinished videos") or str(NOTHING))
        slice_ = await queries.unfinished(conn, after, young_seconds, VIDEOS_AT_ONCE)
        of = await job_trace.newest(conn, JOB, [video.id for video in slice_])
    for video in slice_:
        if video.id not in of or disagreement("playable", of[video.id]) is not None:
            async with alone(app, video.id):
                await _mend(app, video, None if video.id in of else await leftovers.last_start(app, video.id))
    async with connection(app[POOL]) as conn:
        await walks.move(conn, "unfinished videos", str(slice_[-1].id) if len(slice_) == VIDEOS_AT_ONCE else "")


def disagreement(status: Status, job: JobRow | None) -> Finding | None:
    """What is wrong with an unfinished video that has this job, or none."""
    if job is None:
        return "job_missing"
    if job.state in ("queued", "leased"):
        return None
    if job.state != "failed":
        return "job_ended"
    if job.passing and not job.mark and job.failures < MOST_FAILURES:
        return None  # it is tried again
    return "failed_for_good" if status == "playable" else "job_ended"


async def _mend(app: web.Application, video: Unfinished, last_start: int | None) -> None:
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        await accounts.lock(w.conn, video.author_id)
        head = await videos.head(w.conn, video.id, lock=True)
        job = (await job_trace.newest(w.conn, JOB, [video.id])).get(video.id)
        if head is None or head.status in ("ready", "failed"):
            return
        finding = disagreement(head.status, job)
        if finding is None:
            return
        if finding == "failed_for_good" and job is not None:
            found(finding, video.id, "it is ready with what plays")
            await settle(w, job.start(job.lease), app[SETTINGS].media_url_seconds)
        elif await steps.original(w.conn, video.id) is None:
            found("original_gone", video.id, "nothing more can be made of it")
            await _give_up(w, video)
        else:
            await _begin_again(w, video, job, head.status, last_start)


async def _give_up(w: Work, video: Unfinished) -> None:
    if await steps.settled(w.conn, video.id):
        w.emit(VideoProgressed(video.id, video.author_id, "ready", 1.0))
    elif (stopped := await steps.failed(w.conn, video.id, GONE)) is not None:
        sha256, progress = stopped
        await videos.free_file(w.conn, video.author_id, sha256, video.id)
        w.emit(VideoProgressed(video.id, video.author_id, "failed", progress, GONE))


async def _begin_again(w: Work, video: Unfinished, job: JobRow | None, status: Status, last_start: int | None) -> None:
    if job is not None:
        found("job_ended", video.id, f"it is {status}, its job {job.state}; that is queued again")
        await queue_again(w, job, ("done", "failed", "cancelled"), "queued by the reconciler", f"{job.state}, but {status}")
        if status not in PLAYS:
            await job_steps.forget(w.conn, job.id, but=["probe"])  # steps that show nothing are none
    elif last_start is not None:
        found("job_missing", video.id, f"it is {status} and has no job; one is queued")
        await jobs.enqueue(w.conn, JOB, video.id, video.author_id, after=last_start)
        w.emit(JobQueued(video.id))


async def look_at_jobs(app: web.Application) -> None:
    """Jobs that wait or run for videos that are gone."""
    async with connection(app[POOL]) as conn:
        after = UUID(await walks.position(conn, "open jobs") or str(NOTHING))
        slice_ = await job_trace.waiting(conn, JOB, after, JOBS_AT_ONCE)
        there = await queries.there(conn, [job.subject_id for job in slice_])
        for job in slice_:
            if job.subject_id not in there:
                async with alone(app, job.id):
                    await jobs.cancel(conn, JOB, job.subject_id)
                    found("video_gone", job.subject_id, f"job {job.id} is cancelled")
        await walks.move(conn, "open jobs", str(slice_[-1].id) if len(slice_) == JOBS_AT_ONCE else "")


async def look_at_objects(app: web.Application, name: str, limit: int, since: datetime, *, again: bool) -> None:
    """Objects of jobs that are done, by the time when they were.

    Args:
        app: what to work with.
        name: of this walk.
        limit: jobs in this run.
        since: where the walk begins.
        again: when it has come to its end it begins again, rather than wait for more.
    """
    async with connection(app[POOL]) as conn:
        at, _, after = (await walks.position(conn, name) or f"{since.isoformat()} {NOTHING}").partition(" ")
        slice_ = await job_trace.ended(conn, JOB, datetime.fromisoformat(at), UUID(after), limit)
    await lost.look(app, [job for job in slice_ if job.state == "done"])
    end = f"{slice_[-1].ended_at.isoformat()} {slice_[-1].id}" if slice_ and slice_[-1].ended_at else f"{at} {after}"
    async with connection(app[POOL]) as conn:
        await walks.move(conn, name, "" if again and len(slice_) < limit else end)


async def look_at_made(app: web.Application, name: str, limit: int, *, marked: bool) -> None:
    """Objects of videos that are ready, by the list of what was made of them.

    Args:
        app: what to work with.
        name: of this walk.
        limit: videos in this run.
        marked: those that have lost something, whoever made it; else those for whose objects no job stands, as of copies.
    """
    async with connection(app[POOL]) as conn:
        after = UUID(await walks.position(conn, name) or str(NOTHING))
        slice_ = await queries.made(conn, after, MADE_AT_ONCE, marked=marked)
        newest = await job_trace.newest(conn, JOB, [video.video_id for video in slice_])
        made = await job_steps.with_steps(conn, JOB, [video.video_id for video in slice_])
    looked, at = 0, ""
    for video in slice_:
        if looked == limit:
            break
        job, at = newest.get(video.video_id), str(video.video_id)
        by_steps = job is not None and job.state == "done" and video.video_id in made
        if (job is not None and job.open) or (by_steps and not marked):
            continue
        looked += 1
        if by_steps and job is not None:
            await lost.look(app, [job])
        else:
            async with alone(app, video.video_id):
                await lost.look_at(app, video, job)
    more = looked == limit or len(slice_) == MADE_AT_ONCE
    async with connection(app[POOL]) as conn:
        await walks.move(conn, name, at if more else "")


async def look_at_originals(app: web.Application, young_seconds: float = YOUNG_SECONDS) -> None:
    """Originals that still are multipart uploads, though no job is to complete them: as of a copy that was ready at once."""
    async with connection(app[POOL]) as conn:
        after = UUID(await walks.position(conn, "originals in parts") or str(NOTHING))
        slice_ = await queries.in_parts(conn, after, young_seconds, ORIGINALS_AT_ONCE)
    for video_id in slice_:
        async with alone(app, video_id):
            if not await originals.require(app, video_id):
                found("original_gone", video_id, "its parts are not in the store; what plays can not be made again")
    async with connection(app[POOL]) as conn:
        await walks.move(conn, "originals in parts", str(slice_[-1]) if len(slice_) == ORIGINALS_AT_ONCE else "")
