"""Pictures that people wish for, posters and avatars, made as a worker makes them."""

import asyncio
from pathlib import Path
from uuid import UUID

from media.errors import MediaError
from server.kit.workfolder import job_folder
from server.transcoding.actions import failure_of
from server.transcoding.jobs import Tools
from server.worker import KINDS
from storage import jobs as queue
from storage.jobs import Lease
from storage.postgres import connection


async def leased(tools: Tools, kind: str, subject_id: UUID | None) -> Lease:
    """Lease the job of this kind for a video or an account, once it is there; those of other tests go."""
    async with connection(tools.pool) as conn:
        while True:
            lease = await queue.take(conn, {kind}, "test")
            if lease is not None and lease.subject_id == subject_id:
                return lease
            if lease is not None:
                await queue.end(conn, lease, "of another test")
            await asyncio.sleep(0.01)


async def run(tools: Tools, lease: Lease, folder: Path) -> None:
    """As a worker does it."""
    kind = KINDS[lease.kind]
    async with job_folder(folder) as work_folder:
        try:
            await kind.start(tools, lease, work_folder).run()
        except MediaError as error:
            await kind.fail(tools, lease, failure_of(error), passing=error.retry)
