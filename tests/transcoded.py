"""Videos for tests that need real objects: uploaded to the store, and transcoded by real children."""

import secrets
from pathlib import Path
from uuid import UUID

from prometheus_client import REGISTRY

from media.pool import Pool as MediaPool
from server.kit.request import ANNOUNCER, POOL, SETTINGS, STORE
from server.kit.work import work
from server.kit.workfolder import job_folder
from server.transcoding.findings import Finding
from server.transcoding.jobs import Tools, Transcoding
from server.videos import actions
from server.videos.wire import NewVideo, RawObject
from storage import job_trace, jobs
from storage.job_trace import JobRow
from storage.jobs import Lease
from storage.postgres import connection
from tests.people import Client, Person


def tools_of(client: Client, media: MediaPool) -> Tools:
    app, settings = client.app, client.app[SETTINGS]
    return Tools(app[POOL], app[ANNOUNCER], app[STORE], media, settings.s3_bucket, settings.s3_raw_bucket, 180, 3600)


async def uploaded(tools: Tools, author: Person, data: bytes) -> UUID:
    assert author.id is not None
    key = f"uploads/{secrets.token_hex(8)}/1"
    await tools.store.put(tools.raw_bucket, key, data, content_type="application/octet-stream")
    async with work(tools.pool, tools.announcer, author.id) as w:
        raw = RawObject(key, None, [], len(data))
        new = NewVideo(author.id, "clip", "", "public", secrets.token_bytes(32), raw)
        return (await actions.create(w, new)).video_id


async def lease(client: Client, video_id: UUID) -> Lease:
    """Lease this video's job; those of other tests end."""
    async with connection(client.app[POOL]) as conn:
        while True:
            found = await jobs.take(conn, {actions.JOB}, "test")
            assert found is not None
            if found.subject_id == video_id:
                return found
            await jobs.end(conn, found, "of another test")


async def run(client: Client, tools: Tools, video_id: UUID, folder: Path) -> Lease:
    found = await lease(client, video_id)
    async with job_folder(folder) as work_folder:
        await Transcoding(tools, found, work_folder).run()
    return found


async def job_of(client: Client, video_id: UUID) -> JobRow:
    async with connection(client.app[POOL]) as conn:
        found = await job_trace.find(conn, video_id, actions.JOB)
    assert found is not None
    return found


async def events_of(client: Client, job: JobRow) -> list[str]:
    async with connection(client.app[POOL]) as conn:
        return [event.event for event in await job_trace.events(conn, job.id)]


async def removals_of(client: Client, of: UUID) -> set[str]:
    async with connection(client.app[POOL]) as conn:
        return {row["prefix"] for row in await conn.fetch("SELECT prefix FROM object_removal WHERE video_id = $1", of)}


def counted(finding: Finding) -> float:
    """How often the reconciler has found this, in this process."""
    return REGISTRY.get_sample_value("reelwire_reconciled_total", {"finding": finding}) or 0
