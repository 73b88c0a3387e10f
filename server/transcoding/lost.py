"""Objects that were made and that the store does not have: they are made again, or shown as those of another video."""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.transcoding import archived, leftovers, originals, queries
from server.transcoding.actions import NotPossible, make_again, make_anew
from server.transcoding.alone import alone
from server.transcoding.copies import jobs_of_others, taken_over
from server.transcoding.findings import found
from server.transcoding.made import files
from server.videos import shared
from server.videos.actions import JOB
from server.videos.shared import OfFile, key_of
from server.videos.wire import Shared
from storage import job_steps, job_trace
from storage.job_steps import Step
from storage.job_trace import JobRow
from storage.postgres import connection

TAKEN_OVER = "not in the store; another video of the same bytes has it: "
LOST = "not in the store, and there is nothing to make it of: "


def keys(video_id: UUID, made: Sequence[Step], shares: Sequence[Shared] = ()) -> dict[str, set[str]]:
    """Where each of these steps of a video has something in the store, with what is stored as another one's."""
    return {
        name: {key_of(video_id, int(start), file, shares) for start, _, file in (path.partition("/") for path in paths)}
        for name, paths in files(made).items()
    }


async def look(app: web.Application, done: Sequence[JobRow]) -> None:
    """Look for everything that these jobs, which are done, have stored."""
    subjects = [job.subject_id for job in done]
    async with connection(app[POOL]) as conn:
        there = await queries.there(conn, subjects)
        newest = await job_trace.newest(conn, JOB, subjects)
        made = await job_steps.of_subjects(conn, JOB, subjects)
    for job in done:
        if job.subject_id in there and newest[job.subject_id].id == job.id:
            async with alone(app, job.subject_id):
                await _look(app, job, made.get(job.subject_id, []))


async def _look(app: web.Application, job: JobRow, made: Sequence[Step]) -> None:
    of_step, video = files(made), OfFile(job.subject_id, job.account_id)
    listed = [path for paths in of_step.values() for path in paths]
    # Without steps, as where it shows what another one has, nothing is known here; `look_at` comes by.
    gone = set(await archived.gone(app, job.subject_id, listed)) if listed else set()
    if not gone:
        return
    names = ", ".join(sorted(gone))
    if not await originals.require(app, job.subject_id):
        await _without_original(app, video, names)
        return
    try:
        async with work(app[POOL], app[ANNOUNCER], None) as w:
            missed = {name for name, paths in of_step.items() if gone & paths.keys()}
            again = await make_again(w, job, missed, made)
    except NotPossible:
        return  # it was deleted meanwhile
    if again:
        found("object_missing", job.subject_id, f"not in the store, and made again: {names}")


async def look_at(app: web.Application, video: OfFile, job: JobRow | None) -> None:
    """Look for all that was made of a video which is ready and for which no job stands: as of a copy that was ready at once.

    Args:
        app: what to work with.
        video: which one.
        job: its newest one where there is one. It is over, and has no steps, or not all of them.
    """
    async with connection(app[POOL]) as conn:
        paths = await shared.digests(conn, video.video_id)
    gone = await archived.gone(app, video.video_id, paths)
    if not gone:
        return
    names = ", ".join(gone)
    if await taken_over(app, video):
        found("object_missing", video.video_id, TAKEN_OVER + names)
    elif await _others_make_it(app, video):
        return
    elif (job is None or job.state == "done") and await originals.require(app, video.video_id):
        await _make_anew(app, video, job, names)
    else:
        found("object_lost", video.video_id, LOST + names)


async def _others_make_it(app: web.Application, video: OfFile) -> bool:
    """Whether a job makes, or is to make, what the video may take over then."""
    others = await jobs_of_others(app, video)
    if not any(job.open for job in others):
        await look(app, [job for job in others if job.state == "done"])
        others = await jobs_of_others(app, video)
    return any(job.open for job in others)


async def _make_anew(app: web.Application, video: OfFile, job: JobRow | None, names: str) -> None:
    last = await leftovers.last_start(app, video.video_id)
    try:
        async with work(app[POOL], app[ANNOUNCER], None) as w:
            again = await make_anew(w, video, job, last, f"lost: {names}")
    except NotPossible:
        return  # it was deleted meanwhile
    if again:
        found("object_missing", video.video_id, f"not in the store, and made again: {names}")


async def _without_original(app: web.Application, video: OfFile, names: str) -> None:
    if await taken_over(app, video):
        found("object_missing", video.video_id, TAKEN_OVER + names)
    else:
        found("object_lost", video.video_id, LOST + names)
