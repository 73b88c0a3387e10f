"""Videos that nobody watches any more, for tests, and what becomes of them."""

import secrets
from dataclasses import replace
from pathlib import Path
from typing import cast
from uuid import UUID

from media.pool import Pool as MediaPool
from server.archive import groups as grouping
from server.archive import jobs as archive_jobs
from server.archive import queries, sweep
from server.archive.groups import Group
from server.kit.request import COLD, POOL, SETTINGS
from server.transcoding.jobs import Tools
from server.videos import steps, tiers
from server.videos.tiers import RESTORE_JOB, TierRow
from server.videos.wire import RawObject, Visibility
from storage import jobs
from storage.postgres import connection
from tests.people import Client, Person
from tests.sharers import complete
from tests.transcoded import tools_of

AGE = """
UPDATE video
SET created_at = now() - make_interval(days => $2), published_at = published_at - make_interval(days => $2)
WHERE id = $1
"""
COLD_FILES, WARM_FILE = {"540.mp4", "720.mp4"}, "234.mp4"


async def aged(client: Client, video_id: UUID, days: int = 8) -> None:
    async with connection(client.app[POOL]) as conn:
        await conn.execute(AGE, video_id, days)
        await conn.execute("DELETE FROM job WHERE subject_id = $1", video_id)  # it was made by hand


async def old(client: Client, author: Person, data: bytes | None = None, visibility: Visibility = "public") -> UUID:
    """A complete video with its objects, a week and a day old."""
    video_id = await complete(client, author, data or secrets.token_bytes(100), visibility)
    await aged(client, video_id)
    return video_id


async def group_of(client: Client, video_id: UUID) -> Group | None:
    """What would go with this video; None where it stays."""
    settings = client.app[SETTINGS]
    async with connection(client.app[POOL]) as conn:
        some = await queries.among(conn, [video_id], settings.archive_age_days)
        found = await grouping.groups(conn, some, settings.archive_age_days)
    return found[0] if found else None


async def archive(client: Client, video_id: UUID) -> int | None:
    group = await group_of(client, video_id)
    assert group is not None
    return await sweep.archive(client.app, group)


async def tier_of(client: Client, video_id: UUID) -> TierRow | None:
    async with connection(client.app[POOL]) as conn:
        return (await tiers.of(conn, [video_id])).get(video_id)


async def urls_end(client: Client, video_id: UUID) -> None:
    """The life of all media URLs of it is over."""
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE video_tier SET clear_at = now() WHERE video_id = $1", video_id)


async def original_of(client: Client, video_id: UUID) -> RawObject:
    """Where its original lies, or would."""
    async with connection(client.app[POOL]) as conn:
        raw = await steps.original(conn, video_id)
    assert raw is not None
    return raw


async def in_archive(client: Client, video_id: UUID) -> set[str]:
    cold = client.app[COLD]
    prefix = f"cold/media/videos/{video_id}/1/"
    return {key.removeprefix(prefix) async for key in cold.store.list_prefix(cold.bucket, prefix)}


async def bring_back(client: Client, video_id: UUID, folder: Path, tools: Tools | None = None) -> None:
    """Run the job that brings it back, as a worker does."""
    found = await leased(client, video_id)
    await archive_jobs.Restoring(tools or restoring(client), found, folder).run()


async def leased(client: Client, video_id: UUID) -> jobs.Lease:
    async with connection(client.app[POOL]) as conn:
        while True:
            found = await jobs.take(conn, {RESTORE_JOB}, "test")
            assert found is not None
            if found.subject_id == video_id:
                return found
            await jobs.end(conn, found, "of another test")


def restoring(client: Client, media: MediaPool | None = None) -> Tools:
    """What a worker has, as far as restoring needs it."""
    return replace(tools_of(client, cast("MediaPool", media)), cold=client.app[COLD])  # nothing is decoded
