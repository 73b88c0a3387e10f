"""Posters asked for and made, as authors and workers do it."""

import asyncio
from pathlib import Path
from uuid import UUID

from media.errors import MediaError
from server.kit.workfolder import job_folder
from server.posters.jobs import WISHES, PosterMaking
from server.transcoding.actions import failure_of
from server.transcoding.jobs import Tools
from server.videos.actions import POSTER_JOB
from storage import jobs as queue
from storage.jobs import Lease
from storage.postgres import connection
from tests.people import Answer, Person


async def leased(tools: Tools, video_id: UUID) -> Lease:
    """Lease the job for this video's poster; those of other tests go."""
    async with connection(tools.pool) as conn:
        while True:
            lease = await queue.take(conn, {POSTER_JOB}, "test")
            if lease is not None and lease.subject_id == video_id:
                return lease
            if lease is not None:
                await queue.end(conn, lease, "of another test")
            await asyncio.sleep(0.01)


async def run(tools: Tools, lease: Lease, folder: Path) -> None:
    """As a worker does it."""
    async with job_folder(folder) as work_folder:
        try:
            await PosterMaking(tools, lease, work_folder).run()
        except MediaError as error:
            await WISHES.fail(tools, lease, failure_of(error), passing=error.retry)


async def put(person: Person, video_id: UUID, wanted: int | bytes) -> Answer:
    if isinstance(wanted, int):
        return await person.put(f"/videos/{video_id}/poster", json={"at_ms": wanted})
    return await person.put(f"/videos/{video_id}/poster", data=wanted, headers={"Content-Type": "image/png"})
