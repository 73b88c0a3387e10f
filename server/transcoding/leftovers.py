"""What starts of a job have left behind that nothing names any more: it goes, once nobody can hold its URL."""

from uuid import UUID

from aiohttp import web

from server.kit.request import POOL, SETTINGS, STORE
from server.transcoding import made, queries
from server.videos import shared
from server.videos.actions import JOB, PREFIX, STRAGGLER_SECONDS
from server.videos.queries import remove_objects
from storage import job_steps, job_trace
from storage.postgres import Rows, connection


async def kept(conn: Rows, video_id: UUID) -> set[int]:
    """The generations that a step has stored something in, or that the video shows: what plays need not have steps."""
    steps = (await job_steps.of_subjects(conn, JOB, [video_id])).get(video_id, [])
    stored = {int(path.partition("/")[0]) for of_step in made.files(steps).values() for path in of_step}
    shown = (await queries.shown(conn, [video_id])).get(video_id)
    return stored | shown.generations if shown else stored


async def named(conn: Rows, video_id: UUID) -> set[int]:
    """The generations that any row names, of the video or of others that use what lies there."""
    found = await kept(conn, video_id) | (await shared.used(conn, [video_id])).get(video_id, set())
    return found | {one.generation for one in await shared.of(conn, video_id)}


async def last_start(app: web.Application, video_id: UUID) -> int:
    """The newest generation that a video has had, as far as something is stored, named or being removed; 0 where nothing is.

    Raises:
        StoreUnavailable.
    """
    prefix = PREFIX.format(video_id=video_id)
    paths = [key async for key in app[STORE].list_prefix(app[SETTINGS].s3_bucket, prefix)]
    async with connection(app[POOL]) as conn:
        paths += await queries.leaving(conn, [video_id], "media")
        numbers = await named(conn, video_id)
    starts = [path.removeprefix(prefix).partition("/")[0] for path in paths]
    return max({int(start) for start in starts if start.isdecimal()} | numbers, default=0)


async def sweep(conn: Rows, video_id: UUID, job_id: UUID, number: int, url_seconds: float) -> None:
    """Whatever starts up to this one have stored and nothing names goes.

    Args:
        conn: of the transaction.
        video_id: whose objects.
        job_id: of its job.
        number: of the last start.
        url_seconds: how long somebody may go by a URL of what was shown once. What never was goes sooner.
    """
    unseen = await job_trace.fruitless(conn, job_id)
    for start in sorted(set(range(1, number + 1)) - await kept(conn, video_id)):
        seconds = STRAGGLER_SECONDS if start in unseen else max(STRAGGLER_SECONDS, url_seconds)
        await remove_objects(conn, video_id, "media", f"{PREFIX.format(video_id=video_id)}{start}/", seconds=seconds)
