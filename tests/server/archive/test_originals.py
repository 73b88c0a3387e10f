"""Originals stay, go to the archive or are deleted, by policy; what is in the archive can be made a video of again."""

import asyncio
import hashlib
import secrets
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from media.pool import Pool as MediaPool
from server.archive import originals
from server.kit.request import COLD, POOL, SETTINGS, STORE
from server.transcoding import lost
from server.transcoding.jobs import under_lease
from server.transcoding.originals import OriginalGone, Thawing, fetch
from server.videos import steps, tiers
from server.videos.wire import RawObject
from storage import jobs
from storage.cold import cold_key
from storage.jobs import Lease
from storage.postgres import connection
from tests.archived import old, original_of, restoring
from tests.clips import unique
from tests.glacier import glacier
from tests.people import Client, Person
from tests.transcoded import events_of, job_of, removals_of, run, uploaded

LONG_AGO = "UPDATE video SET created_at = now() - interval '8 days' WHERE id = $1"


def choose(client: Client, monkeypatch: pytest.MonkeyPatch, policy: str) -> None:
    monkeypatch.setitem(client.app._state, SETTINGS, replace(client.app[SETTINGS], raw_policy=policy))


async def with_original(client: Client, author: Person) -> tuple[UUID, RawObject, bytes]:
    data = secrets.token_bytes(3000)
    video_id = await old(client, author, data)
    async with connection(client.app[POOL]) as conn:
        raw = await steps.original(conn, video_id)
        await conn.execute("UPDATE video SET raw_bytes = $2 WHERE id = $1", video_id, len(data))
    assert raw is not None
    await client.app[STORE].put(client.app[SETTINGS].s3_raw_bucket, raw.key, data, content_type="x/y")
    return video_id, raw, data


async def at_hand(client: Client, raw: RawObject) -> bool:
    return await client.app[STORE].head(client.app[SETTINGS].s3_raw_bucket, raw.key) is not None


async def again(client: Client, video_id: UUID, author: Person) -> Lease:
    """A job that makes the video anew, as a worker has it."""
    assert author.id is not None
    async with connection(client.app[POOL]) as conn:
        job_id = await jobs.enqueue(conn, "transcode", video_id, author.id)
        while True:
            found = await jobs.take(conn, {"transcode"}, "test")
            assert found is not None
            if found.id == job_id:
                return found


async def fetched(client: Client, lease: Lease, raw: RawObject, folder: Path) -> bytes:
    tools, path = restoring(client), folder / "original"
    await fetch(tools, lease, raw, path, partial(under_lease, tools, lease))
    return await asyncio.to_thread(path.read_bytes)


async def test_they_stay_unless_it_is_said_otherwise(client: Client, ann: Person) -> None:
    _, raw, _ = await with_original(client, ann)
    await originals.tend(client.app)
    assert await at_hand(client, raw)


async def test_what_is_cold_is_made_a_video_of_again(
    client: Client, ann: Person, tmp_path: Path, empty_queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id, raw, data = await with_original(client, ann)
    choose(client, monkeypatch, "cold")
    await originals.tend(client.app)
    assert not await at_hand(client, raw)
    assert await client.app[COLD].find(cold_key("raw", raw.key)) is not None
    lease = await again(client, video_id, ann)
    assert await fetched(client, lease, raw, tmp_path) == data
    await originals.tend(client.app)
    assert await at_hand(client, raw)  # as long as a job may need it
    async with connection(client.app[POOL]) as conn:
        await jobs.end(conn, lease)
        await conn.execute("UPDATE job SET ended_at = now() - interval '8 days' WHERE subject_id = $1", video_id)
        await conn.execute("UPDATE cold_original SET since = now() - interval '9 days' WHERE video_id = $1", video_id)
    await originals.tend(client.app)
    assert not await at_hand(client, raw)


async def test_a_video_is_made_whole_again_of_a_cold_original(
    client: Client, ann: Person, tmp_path: Path, empty_queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By real children, from the lost ladder to one that plays; nor is it needed that a row tells where the original is."""
    choose(client, monkeypatch, "cold")
    data = unique(1)
    async with MediaPool(processes=1) as media:
        tools = restoring(client, media)
        video_id = await uploaded(tools, ann, data)
        await run(client, tools, video_id, tmp_path)
        async with connection(client.app[POOL]) as conn:
            await conn.execute("UPDATE video SET raw_sha256 = $2 WHERE id = $1", video_id, hashlib.sha256(data).digest())
            await conn.execute(LONG_AGO, video_id)
            await conn.execute("UPDATE job SET ended_at = now() - interval '8 days' WHERE subject_id = $1", video_id)
        await originals.tend(client.app)
        raw = await original_of(client, video_id)
        assert not await at_hand(client, raw)
        before = (await ann.get(f"/videos/{video_id}")).body
        track = f"videos/{video_id}/{before['sources'][0]['url'].partition('/o/')[2]}"
        await client.app[STORE].delete(client.app[SETTINGS].s3_bucket, [track])
        async with connection(client.app[POOL]) as conn:
            await conn.execute("DELETE FROM cold_original WHERE video_id = $1", video_id)
        await lost.look(client.app, [await job_of(client, video_id)])
        await run(client, tools, video_id, tmp_path)
    video = (await ann.get(f"/videos/{video_id}")).body
    assert (video["status"], len(video["sources"])) == ("ready", len(before["sources"]))
    for url in (video["poster_url"], video["preview_url"], *(source["url"] for source in video["sources"])):
        assert (await ann.get(url)).status == 200, url
    assert "original brought back" in await events_of(client, await job_of(client, video_id))
    assert await at_hand(client, raw)


async def test_what_has_to_thaw_keeps_its_job_waiting(
    client: Client, ann: Person, tmp_path: Path, empty_queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with glacier() as frozen:
        monkeypatch.setitem(client.app._state, COLD, frozen)
        choose(client, monkeypatch, "cold")
        video_id, raw, data = await with_original(client, ann)
        await originals.tend(client.app)
        lease, found = await again(client, video_id, ann), b""
        with pytest.raises(Thawing):
            await fetched(client, lease, raw, tmp_path)
        while not found:
            try:
                found = await fetched(client, lease, raw, tmp_path)
            except Thawing:
                continue
        assert found == data


async def test_what_is_deleted_is_gone(
    client: Client, ann: Person, tmp_path: Path, empty_queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id, raw, _ = await with_original(client, ann)
    choose(client, monkeypatch, "cold")
    await originals.tend(client.app)
    choose(client, monkeypatch, "delete")
    await originals.tend(client.app)
    assert raw.key in await removals_of(client, video_id)
    async with connection(client.app[POOL]) as conn:
        assert await steps.original(conn, video_id) is None
        assert await tiers.cold_original(conn, video_id) is None
    await client.app[COLD].store.delete(client.app[COLD].bucket, [cold_key("raw", raw.key)])
    with pytest.raises(OriginalGone):
        await fetched(client, await again(client, video_id, ann), raw, tmp_path)
