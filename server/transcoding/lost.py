"""Objects that a step has made and that the store does not have: the step is done again, where there is an original."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from aiohttp import web

from media.manifest import File
from server.kit.request import ANNOUNCER, POOL, SETTINGS, STORE
from server.kit.work import work
from server.transcoding import queries
from server.transcoding.actions import NotPossible, make_again
from server.transcoding.findings import found
from server.videos import steps
from server.videos.actions import JOB, PREFIX
from storage import job_steps, job_trace
from storage.job_steps import Step
from storage.job_trace import JobRow
from storage.postgres import connection


class Stored(msgspec.Struct, frozen=True):
    """As much of any step's result as tells what it stored."""

    files: list[File] = []
    replaces: list[str] = []


def keys(video_id: UUID, made: Sequence[Step]) -> dict[str, set[str]]:
    """What each of these steps of a video has in the store; a step that stores nothing has none."""
    stored = {step.name: msgspec.json.decode(step.result, type=Stored) for step in made}
    replaced = {name for one in stored.values() for name in one.replaces}
    prefix = PREFIX.format(video_id=video_id)
    return {
        step.name: {
            f"{prefix}{step.generation}/{file.name}"
            for file in stored[step.name].files
            if step.name != "first" or file.name not in replaced
        }
        for step in made
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
            await _look(app, job, made.get(job.subject_id, []))


async def _look(app: web.Application, job: JobRow, made: Sequence[Step]) -> None:
    wanted = keys(job.subject_id, made)
    prefix = PREFIX.format(video_id=job.subject_id)
    there = {key async for key in app[STORE].list_prefix(app[SETTINGS].s3_bucket, prefix)}
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
