"""What jobs made of the same bytes is stored once, in silence: nobody can see whose file it is."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from media.pool import Pool as MediaPool
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.kit.workfolder import job_folder
from server.posters import actions as posters
from server.posters.jobs import PosterMaking
from server.posters.wire import PosterMoment
from server.transcoding import lost
from server.transcoding.jobs import Tools
from server.videos import actions, shared, sharing, steps
from storage import jobs
from storage.postgres import connection
from tests.media.films import Film, Picture
from tests.people import Answer, Client, Person, sign_up
from tests.sharers import DIGESTS, FILES, complete, make_ready, remove, somebody_waits, stored, upload, work_of
from tests.transcoded import events_of, job_of, run, tools_of
from tests.videos import Told, published

pytestmark = pytest.mark.usefixtures("empty_queue")


@pytest.fixture
def data() -> bytes:
    return secrets.token_bytes(1000)


async def test_of_two_jobs_that_end_together_one_shares(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    told = Told(sha256=hashlib.sha256(data).digest())
    hers, his = await published(client, ann, told), await published(client, ben, told)

    async def end_his() -> int:
        async with work_of(client) as other:
            return await make_ready(other, his, ben)

    async with work_of(client) as w:
        assert await make_ready(w, hers, ann) == 0
        ending = asyncio.create_task(end_his())
        await somebody_waits(client)
    assert await ending == len(FILES)
    async with connection(client.app[POOL]) as conn:
        assert [(one.media_id, one.names) for one in await shared.of(conn, his)] == [(hers, frozenset(FILES))]


async def test_other_bytes_are_not_shared(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    """What an encoder made differently stays as it was made: nothing that its author sees came from elsewhere."""
    first = await complete(client, ann, data, "private")
    his = await published(client, ben, Told(sha256=hashlib.sha256(data).digest()))
    digests = DIGESTS | {"1/720.mp4": "0" * 64}
    async with work_of(client) as w:
        await steps.ready(w.conn, his)
        assert await sharing.merge(w.conn, his, digests, 0) == len(FILES) - 1
    async with connection(client.app[POOL]) as conn:
        mapped = await shared.of(conn, his)
    assert shared.key_of(his, 1, "720.mp4", mapped) == f"videos/{his}/1/720.mp4"
    assert shared.key_of(his, 1, "540.mp4", mapped) == f"videos/{first}/1/540.mp4"
    # A copy of that finds both.
    async with work_of(client) as w:
        await steps.pictured(w.conn, his, "1/preview.webp", "1/board.vtt")
    copy = UUID((await upload(await sign_up(client, "cat"), data))["id"])
    async with connection(client.app[POOL]) as conn:
        mapped = await shared.of(conn, copy)
    assert shared.key_of(copy, 1, "720.mp4", mapped) == f"videos/{his}/1/720.mp4"
    assert shared.key_of(copy, 1, "540.mp4", mapped) == f"videos/{first}/1/540.mp4"


async def test_what_others_use_is_not_moved(client: Client, ann: Person, ben: Person, data: bytes) -> None:
    hers = await published(client, ann, Told(sha256=hashlib.sha256(data).digest()))
    his = await complete(client, ben, data)
    await upload(await sign_up(client, "cat"), data)
    async with work_of(client) as w:
        assert await make_ready(w, hers, ann) == len(FILES)
    async with work_of(client) as w:  # his is made again, and the same comes out
        assert await make_ready(w, his, ben) == 0
    await remove(client)
    assert await stored(client, his) == set(DIGESTS)


@pytest.fixture
async def tools(client: Client) -> AsyncIterator[Tools]:
    async with MediaPool(processes=1) as media:
        yield tools_of(client, media)


async def _seen(person: Person, video: dict[str, Any]) -> dict[str, Answer]:
    """Everything that can be had of a video, as its author sees it."""
    urls = [source["url"] for source in video["sources"]] + [video["poster_url"], video["preview_url"], video["storyboard_url"]]
    return {url.partition("?")[0].rpartition("/")[2]: await person.get(url) for url in urls}


async def choose_poster(client: Client, tools: Tools, video_id: UUID, author: Person, folder: Path) -> None:
    """Which is made of a file that lies elsewhere."""
    async with work(client.app[POOL], client.app[ANNOUNCER], author.id) as w:
        await posters.ask_for_moment(w, await actions.own(w, video_id), PosterMoment(500), limited=False)
    async with connection(client.app[POOL]) as conn:
        while (found := await jobs.take(conn, {actions.POSTER_JOB}, "test")) and found.subject_id != video_id:
            await jobs.end(conn, found, "of another test")
    assert found
    async with job_folder(folder) as work_folder:
        await PosterMaking(tools, found, work_folder).run()


def calm(folder: Path) -> bytes:
    """A clip in which nothing moves: all its encodings came out equal, whereas those of a livelier one differ from run to run."""

    def grey(_index: int, width: int, height: int) -> Picture:
        return np.full((height, width, 3), 120, np.uint8)

    film = Film(seconds=2, width=180, height=320, codec="mpeg4", options={}, picture=grey, volume=0.2)
    salt = secrets.token_bytes(16)
    return film.write(folder / "calm.mp4").read_bytes() + (8 + len(salt)).to_bytes(4) + b"free" + salt


async def test_a_job_that_made_the_same_again_stores_it_once(
    client: Client, ann: Person, ben: Person, tools: Tools, tmp_path: Path
) -> None:
    clip = calm(tmp_path)
    hidden = await upload(ann, clip, "private")
    await run(client, tools, UUID(hidden["id"]), tmp_path)
    video_id = UUID((await upload(ben, clip))["id"])
    assert (await ben.get(f"/videos/{video_id}")).body["status"] == "uploaded"
    await run(client, tools, video_id, tmp_path)
    video = (await ben.get(f"/videos/{video_id}")).body
    assert video["status"] == "ready"
    job = await job_of(client, video_id)
    assert "shared" in await events_of(client, job)

    await remove(client)
    assert await stored(client, video_id) == set()
    seen = await _seen(ben, video)
    assert {answer.status for answer in seen.values()} == {200}
    hers = await _seen(ann, (await ann.get(f"/videos/{hidden['id']}")).body)
    for name in set(seen) - {"master.m3u8", "storyboard.vtt"}:  # those of a hidden video are signed
        assert seen[name].body == hers[name].body
        assert seen[name].headers["ETag"] != hers[name].headers["ETag"]

    await choose_poster(client, tools, video_id, ben, tmp_path)
    assert len(await stored(client, video_id)) == 1

    await lost.look(client.app, [job])  # nothing is missing
    assert (await job_of(client, video_id)).state == "done"
    await ann.delete(f"/videos/{hidden['id']}")
    await remove(client)
    assert {answer.status for answer in (await _seen(ben, video)).values()} == {200}
    # What is lost below the other one is made again, as one's own.
    await tools.store.delete(tools.media_bucket, [f"videos/{hidden['id']}/1/preview.webp"])
    await lost.look(client.app, [job])
    assert (await job_of(client, video_id)).state == "queued"
    await run(client, tools, video_id, tmp_path)
    assert "2/preview.webp" in await stored(client, video_id)
    video = (await ben.get(f"/videos/{video_id}")).body
    assert {answer.status for answer in (await _seen(ben, video)).values()} == {200}
    await ben.delete(f"/videos/{video_id}")
    await remove(client)
    assert await stored(client, hidden["id"]) == await stored(client, video_id) == set()


async def test_only_what_is_there_is_shared_and_nothing_that_was_made_again(
    client: Client, ann: Person, ben: Person, tools: Tools, tmp_path: Path
) -> None:
    clip, cat = calm(tmp_path), await sign_up(client, "cat")
    hidden = UUID((await upload(ann, clip, "private"))["id"])
    await run(client, tools, hidden, tmp_path)
    preview = f"videos/{hidden}/1/preview.webp"
    content = await tools.store.read(tools.media_bucket, preview)
    await tools.store.delete(tools.media_bucket, [preview])

    his = UUID((await upload(ben, clip, "private"))["id"])
    await run(client, tools, his, tmp_path)
    await remove(client)
    assert await stored(client, his) == {"1/preview.webp"}
    await lost.look(client.app, [await job_of(client, his)])
    assert (await job_of(client, his)).state == "done"

    await tools.store.put(tools.media_bucket, preview, content, content_type="image/webp")
    third = UUID((await upload(cat, clip, "private"))["id"])
    await run(client, tools, third, tmp_path)
    await remove(client)
    assert await stored(client, third) == set()
    await tools.store.delete(tools.media_bucket, [preview])
    await lost.look(client.app, [await job_of(client, third)])
    await tools.store.put(tools.media_bucket, preview, content, content_type="image/webp")
    await run(client, tools, third, tmp_path)
    await remove(client)
    assert "2/preview.webp" in await stored(client, third)
