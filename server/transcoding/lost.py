"""Objects that a step has made and that the store does not have: the step is done again, where there is an original."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from aiohttp import web

from server.kit.request import ANNOUNCER, POOL, SETTINGS, STORE
from server.kit.work import work
from server.transcoding import queries
from server.transcoding.actions import NotPossible, make_again
from server.transcoding.alone import alone
from server.transcoding.findings import found
from server.transcoding.made import Stored, files
from server.videos import steps
from server.videos.actions import JOB, PREFIX
from server.videos.shared import key_of, of
from server.videos.wire import Shared
from storage import job_steps, job_trace
from storage.job_steps import Step
from storage.job_trace import JobRow
from storage.postgres import connection


def keys(video_id: UUID, made: Sequence[Step], shared: Sequence[Shared] = ()) -> dict[str, set[str]]:
    """Where each of these steps of a video has something in the store, with what is stored as another one's."""
    return {
        name: {key_of(video_id, int(start), file, shared) for start, _, file in (path.partition("/") for path in paths)}
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
    async with connection(app[POOL]) as conn:
        shared = await of(conn, job.subject_id)
    wanted = keys(job.subject_id, made, shared)
    places = {PREFIX.format(video_id=job.subject_id)} | {key_of(one.media_id, one.media_generation, "") for one in shared}
    there = {key for place in places async for key in app[STORE].list_prefix(app[SETTINGS].s3_bucket, place)}
    missing = {name: gone for name, all_of_it in wanted.items() if (gone := sorted(all_of_it - there))}
    if not missing:
        return
    names = ", ".join(key for gone in missing.values() for key in gone)
    if not await _has_original(app, job.subject_id):
        found("object_lost", job.subject_id, f"not in the store, and there is no original to make it of: {names}")
        return
    try:
        async with work(app[POOL], app[ANNOUNCER], None) as w:
            again = await make_again(w, job, _to_do_again(set(missing), made), made)
    except NotPossible:
        return  # it was deleted meanwhile
    if again:
        found("object_missing", job.subject_id, f"not in the store, and made again: {names}")


def _to_do_again(missing: set[str], made: Sequence[Step]) -> set[str]:
    """The steps, with those that build on them. Where the first source was replaced the ladder cannot be made without it."""
    replaced = any(msgspec.json.decode(step.result, type=Stored).replaces for step in made)
    if "first" in missing or ("ladder" in missing and replaced):
        return {step.name for step in made} - {"probe"}
    return missing


async def _has_original(app: web.Application, video_id: UUID) -> bool:
    async with connection(app[POOL]) as conn:
        raw = await steps.original(conn, video_id)
    if raw is None:
        return False
    return raw.multipart_id is not None or await app[STORE].head(app[SETTINGS].s3_raw_bucket, raw.key) is not None
