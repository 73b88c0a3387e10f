"""What is lost behind videos that share it is made again once, and all of them play."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from media.pool import Pool as MediaPool
from server.kit.request import POOL
from server.transcoding import lost, reconcile, strays
from server.transcoding.jobs import Tools
from server.videos import shared
from server.videos.actions import JOB
from storage import job_trace, walks
from storage.job_trace import JobRow
from storage.postgres import connection
from tests.clips import unique
from tests.people import Client, Person, sign_up
from tests.sharers import FILES, complete, plays, remove, stored, upload
from tests.transcoded import counted, events_of, job_of, run, tools_of


@pytest.fixture
async def tools(client: Client) -> AsyncIterator[Tools]:
    async with MediaPool(processes=1) as media:
        yield tools_of(client, media)


async def _look(client: Client, *video_ids: UUID) -> None:
    """The walks, as they come by these videos one after the other, until they have come by each twice."""
    for _ in range(2):
        for video_id in video_ids:
            for name, marked in (("lost", True), ("made", False)):
                async with connection(client.app[POOL]) as conn:
                    await walks.move(conn, name, str(UUID(int=video_id.int - 1)))
                await reconcile.look_at_made(client.app, name, 1, marked=marked)


async def _job(client: Client, video_id: UUID) -> JobRow | None:
    async with connection(client.app[POOL]) as conn:
        return (await job_trace.newest(conn, JOB, [video_id])).get(video_id)


async def _urls(person: Person, video_id: UUID) -> tuple[str, list[str]]:
    """Its status, and all that can be had of it."""
    video: dict[str, Any] = (await person.get(f"/videos/{video_id}")).body
    pictures = [video[f"{name}_url"] for name in ("poster", "preview", "storyboard")]
    return video["status"], [source["url"] for source in video["sources"]] + pictures


async def _whole(person: Person, *video_ids: UUID) -> None:
    for video_id in video_ids:
        status, urls = await _urls(person, video_id)
        assert status == "ready"
        assert len(urls) > 4
        for url in urls:
            assert (await person.get(url)).status == 200, url


async def _lose(client: Client, tools: Tools, video_id: UUID, name: str) -> str:
    """The newest file of such a name that is stored below a video; its path. Of MP4s it is one of the stream."""
    path = max(path for path in await stored(client, video_id) if path.endswith(name))
    await tools.store.delete(tools.media_bucket, [f"videos/{video_id}/{path}"])
    return path


@pytest.mark.timeout(400)
async def test_what_copies_have_lost_one_of_them_makes_again_for_all(
    client: Client, ann: Person, ben: Person, tools: Tools, tmp_path: Path
) -> None:
    clip, cat, dan = unique(seconds=1), await sign_up(client, "cat"), await sign_up(client, "dan")
    hers = UUID((await upload(ann, clip))["id"])
    await run(client, tools, hers, tmp_path)
    his, third = [UUID((await upload(person, clip))["id"]) for person in (ben, cat)]
    await ann.delete(f"/videos/{hers}")
    await remove(client)
    await _look(client, his, third)
    assert [await _job(client, video_id) for video_id in (his, third)] == [None, None]
    before = {video_id: await _urls(ben, video_id) for video_id in (his, third)}

    await _lose(client, tools, hers, ".mp4")
    await _look(client, his, third)
    job = await job_of(client, his)
    assert (job.state, await events_of(client, job)) == ("queued", ["made again"])
    assert await _job(client, third) is None  # it waits for the other one
    assert [(await _urls(ben, video_id))[0] for video_id in (his, third)] == ["playable", "ready"]
    fourth = await upload(dan, clip)
    assert fourth["status"] == "uploaded"  # nobody shares what is not whole
    await dan.delete(f"/videos/{fourth['id']}")  # whose job would go first
    await run(client, tools, his, tmp_path)
    await _look(client, his, third)
    assert await _job(client, third) is None
    await _whole(ben, his, third)
    for video_id, (_, urls) in before.items():  # what is made otherwise has another name
        assert not set(urls) & set((await _urls(ben, video_id))[1])
        kept = [url for url in urls if not url.endswith("master.m3u8")]
        assert {(await ben.get(url)).status for url in kept} == {200}  # somebody may hold these
    await remove(client)
    assert await stored(client, hers) == await stored(client, third) == set()
    await _whole(ben, his, third)

    # The one that has taken them over may lose its files once more, and be left alone with them.
    await ben.delete(f"/videos/{his}")
    await remove(client)
    await _lose(client, tools, his, "preview.webp")
    await _look(client, third)
    assert (await job_of(client, third)).state == "queued"
    await run(client, tools, third, tmp_path)
    await _whole(cat, third)
    await remove(client)
    assert await stored(client, his) == set()
    await strays.walk_on(client.app, strays.PLACES[0], -60.0)
    await _whole(cat, third)


@pytest.mark.timeout(400)
async def test_a_copy_follows_the_one_that_is_made_again_and_goes_its_own_way_where_that_is_hidden(
    client: Client, ann: Person, ben: Person, tools: Tools, tmp_path: Path
) -> None:
    clip = unique(seconds=1)
    hers = UUID((await upload(ann, clip))["id"])
    await run(client, tools, hers, tmp_path)
    his = UUID((await upload(ben, clip))["id"])
    await _lose(client, tools, hers, "preview.webp")
    await _look(client, his)
    assert (await job_of(client, hers)).state == "queued"  # whose job goes on behind its last step
    assert await _job(client, his) is None
    await run(client, tools, hers, tmp_path)
    await _look(client, his)
    assert await _job(client, his) is None
    await _whole(ben, his, hers)
    assert await stored(client, his) == set()

    await ann.patch(f"/videos/{hers}", json={"visibility": "private"})
    await _lose(client, tools, hers, "storyboard.vtt")
    await _look(client, his)
    assert (await job_of(client, his)).state == "queued"
    await run(client, tools, his, tmp_path)
    await _whole(ben, his)


async def _forget_job(client: Client, *video_ids: UUID) -> None:
    """As a month after it ended."""
    async with connection(client.app[POOL]) as conn:
        await conn.execute("DELETE FROM job WHERE subject_id = ANY($1)", list(video_ids))


async def test_a_lost_original_is_taken_from_a_video_of_the_same_bytes(
    client: Client, ann: Person, ben: Person, tools: Tools
) -> None:
    data = unique(seconds=1)
    first = await complete(client, ann, data)
    his = UUID((await upload(ben, data))["id"])
    await _forget_job(client, first)
    async with connection(client.app[POOL]) as conn:
        keys = [await conn.fetchval("SELECT key FROM raw_object WHERE video_id = $1", video_id) for video_id in (first, his)]
    assert await tools.store.head(tools.raw_bucket, keys[0]) is None  # nobody ever stored one
    await _lose(client, tools, first, "540.mp4")
    before = counted("object_lost")
    await _look(client, first)
    assert counted("object_lost") == before
    assert (await job_of(client, first)).state == "queued"
    assert await tools.store.read(tools.raw_bucket, keys[0]) == data


async def test_without_any_original_it_is_said_and_found_again_when_the_objects_are_back(
    client: Client, ann: Person, ben: Person, tools: Tools
) -> None:
    data = unique(seconds=1)
    first = await complete(client, ann, data)
    his = UUID((await upload(ben, data))["id"])
    await _forget_job(client, first)
    async with connection(client.app[POOL]) as conn:
        key = await conn.fetchval("SELECT key FROM raw_object WHERE video_id = $1", his)
    await tools.store.delete(tools.raw_bucket, [key])
    path, before = await _lose(client, tools, first, "540.mp4"), counted("object_lost")
    await _look(client, first, his)
    assert counted("object_lost") > before
    assert [await _job(client, video_id) for video_id in (first, his)] == [None, None]
    assert (await upload(await sign_up(client, "cat"), data))["status"] == "uploaded"
    await tools.store.put(tools.media_bucket, f"videos/{first}/{path}", FILES["540.mp4"], content_type="video/mp4")
    await _look(client, first, his)
    for video_id in (first, his):
        await plays((await ann.get(f"/videos/{video_id}")).body, ann)
    assert (await upload(await sign_up(client, "dan"), data))["status"] == "ready"


async def test_the_walk_passes_by_those_whose_job_is_there(client: Client, ann: Person, tools: Tools) -> None:
    video_id = await complete(client, ann, unique(seconds=1))
    await _lose(client, tools, video_id, "540.mp4")
    job = await job_of(client, video_id)
    assert job.state == "queued"
    await _look(client, video_id)
    assert (await job_of(client, video_id)) == job


@pytest.mark.parametrize("state", ["failed", "done"])
async def test_a_job_that_starts_again_lays_nothing_where_something_else_was_shown(
    client: Client, ann: Person, ben: Person, tools: Tools, state: str
) -> None:
    data = unique(seconds=1)
    first, his = await complete(client, ann, data, "private"), await complete(client, ben, data)
    await ann.patch(f"/videos/{first}", json={"visibility": "public"})
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE job SET state = $2, ended_at = now() WHERE subject_id = $1", his, state)
        # As if they had not been found equal, and lay below its own numbers.
        await conn.execute("DELETE FROM shared_generation WHERE video_id = $1", his)
        await conn.execute("DELETE FROM media_user WHERE video_id = $1", his)
        await conn.execute("DELETE FROM object_removal WHERE video_id = $1", his)
    await _lose(client, tools, his, "540.mp4")
    await _look(client, his)
    await plays((await ben.get(f"/videos/{his}")).body, ann)
    async with connection(client.app[POOL]) as conn:
        generation = await conn.fetchval("SELECT generation FROM video WHERE id = $1", his)
        assert [(one.generation, one.media_id) for one in await shared.of(conn, his)] == [(generation, first)]
    assert generation == (await job_of(client, his)).lease == 2

    # What it shows is lost too, and there is nothing to make it of: its job, which has no steps any more, does not hide that.
    await _lose(client, tools, first, "540.mp4")
    await lost.look(client.app, [await job_of(client, his)])
    await _look(client, his)
    await lost.look(client.app, [await job_of(client, his)])
    assert (await upload(await sign_up(client, "cat"), data))["status"] == "uploaded"
