"""The job that makes posters, on real stores and real children."""

import asyncio
import io
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from media.manifest import Still
from server.kit.request import POOL
from server.posters import actions, routes
from server.posters.jobs import WISHES, PosterMaking
from server.transcoding import queries as reconciler
from server.transcoding.jobs import LeaseLost, Tools
from server.videos import removals, steps
from server.videos.steps import NewRendition
from server.videos.wire import Failure
from storage import jobs as queue
from storage.postgres import connection
from tests.media import stills
from tests.media.films import Film, Picture, corner, near, shows_quarters
from tests.people import Answer, Client, Person
from tests.server.posters.making import leased, put
from tests.videos import Told, published
from tests.waiting import LIMIT_SECONDS
from tests.wishes import run

DUE = "WITH due AS (UPDATE object_removal SET due_at = now() WHERE video_id = $1 RETURNING 1) SELECT count(*) FROM due"
COLOURS = ((200, 40, 40), (40, 180, 60), (50, 70, 210))


def _a_colour_a_second(index: int, width: int, height: int) -> Picture:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[...] = COLOURS[min(index // 10, 2)]
    return picture


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    film = Film(picture=_a_colour_a_second, seconds=5, rate=10, width=72, height=128)
    return film.write(tmp_path_factory.mktemp("posters") / "film.mp4").read_bytes()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests wait for their poster, however slow this machine is."""
    monkeypatch.setattr(actions, "WAIT_SECONDS", 100.0)
    monkeypatch.setattr(routes, "SECONDS", 120.0)


async def _playing(client: Client, tools: Tools, author: Person, film: bytes, told: Told | None = None) -> UUID:
    """A video whose best rendition is there."""
    video_id = await published(client, author, told)
    await tools.store.put(tools.media_bucket, f"videos/{video_id}/1/720.mp4", film, content_type="video/mp4")
    return video_id


async def _made(person: Person, tools: Tools, video_id: UUID, wanted: int | bytes, folder: Path) -> Answer:
    """The answer to whoever asks, while a worker is there."""
    asking = asyncio.create_task(put(person, video_id, wanted))
    await run(tools, await leased(tools, video_id), folder)
    return await asking


async def _seen(person: Person, url: str) -> Picture:
    """A poster as a browser gets it."""
    answer = await person.get(url)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(answer.body)) as picture:
        return np.asarray(picture.convert("RGB"))


async def _stored(tools: Tools, bucket: str, prefix: str) -> list[str]:
    return [key async for key in tools.store.list_prefix(bucket, prefix)]


async def _remove_all(client: Client, video_id: UUID) -> None:
    """As if everything were due that is to be removed of this video."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while await client.app[POOL].fetchval(DUE, video_id):  # a busy store puts things off
            await removals.remove_due(client.app)


@pytest.mark.usefixtures("patient")
async def test_a_moment_becomes_the_poster_while_its_author_waits(
    client: Client, ann: Person, tools: Tools, film: bytes, tmp_path: Path
) -> None:
    video_id = await _playing(client, tools, ann, film)
    before = (await ann.get(f"/videos/{video_id}")).body
    answer = await _made(ann, tools, video_id, 1500, tmp_path)
    assert answer.status == 200
    assert answer.body == (await ann.get(f"/videos/{video_id}")).body
    assert answer.body["poster_url"].startswith(f"/media/{video_id}/o/0/poster-")
    assert answer.body["thumbhash"] != before["thumbhash"]
    assert near(corner(await _seen(ann, answer.body["poster_url"]), 0, 0), COLOURS[1])
    async with connection(tools.pool) as conn:
        named = (await reconciler.shown(conn, [video_id]))[video_id].paths
    assert answer.body["poster_url"].removeprefix(f"/media/{video_id}/o/") in named
    assert (await put(ann, video_id, 1500)).body == answer.body  # it is there already


@pytest.mark.usefixtures("patient")
async def test_the_best_rendition_that_is_not_too_large_is_looked_at(
    client: Client, ann: Person, tools: Tools, film: bytes, tmp_path: Path
) -> None:
    video_id = await published(client, ann)
    better = [
        NewRendition("1080", "hls", 7, 1080, 1920, 5_000_000, 40_000_000, b'{"track":"v1080.mp4"}'),
        NewRendition("iframes-1440", "iframes", 7, 1440, 2560, 90_000, 60_000, b'{"track":"iframes-1440.mp4"}'),
        NewRendition("1440.mp4", "mp4", 7, 1440, 2560, 9_000_000, 60_000_000, b"{}"),
    ]
    async with connection(tools.pool) as conn:
        await steps.add(conn, video_id, better, None, 7)
    await tools.store.put(tools.media_bucket, f"videos/{video_id}/7/v1080.mp4", film, content_type="video/mp4")
    assert (await _made(ann, tools, video_id, 0, tmp_path)).status == 200


@pytest.mark.usefixtures("patient")
async def test_a_picture_becomes_the_poster_in_the_videos_shape_and_is_not_kept(
    client: Client, ann: Person, tools: Tools, film: bytes, photo: bytes, tmp_path: Path
) -> None:
    video_id = await _playing(client, tools, ann, film, Told(visibility="private"))
    answer = await _made(ann, tools, video_id, photo, tmp_path)
    assert answer.status == 200
    poster = await _seen(ann, answer.body["poster_url"])
    assert poster.shape == (120, 68, 3)  # the middle of 160 x 120
    assert shows_quarters(poster)
    assert await _stored(tools, tools.raw_bucket, f"posters/{video_id}/") == []


@pytest.mark.usefixtures("patient")
async def test_what_is_no_picture_is_refused_to_whoever_waits(
    client: Client, ann: Person, tools: Tools, film: bytes, photo: bytes, tmp_path: Path
) -> None:
    video_id = await _playing(client, tools, ann, film)
    before = (await ann.get(f"/videos/{video_id}")).body
    for bad in (b"no picture", photo[: len(photo) // 2], stills.pixel_bomb(tmp_path / "bomb.png").read_bytes()):
        answer = await _made(ann, tools, video_id, bad, tmp_path)
        assert (answer.status, answer.fields) == (422, {"file"})
    assert (await ann.get(f"/videos/{video_id}")).body == before
    assert await _stored(tools, tools.raw_bucket, f"posters/{video_id}/") == []
    assert (await _made(ann, tools, video_id, photo, tmp_path)).status == 200


@pytest.mark.usefixtures("patient")
async def test_a_fault_of_ours_is_no_fault_of_the_picture(client: Client, ann: Person, tools: Tools, film: bytes) -> None:
    video_id = await _playing(client, tools, ann, film)
    asking = asyncio.create_task(put(ann, video_id, 0))
    await WISHES.fail(tools, await leased(tools, video_id), Failure("internal", "Every try broke off."), passing=True)
    assert (await asking).code == "unavailable"


@pytest.mark.usefixtures("patient")
async def test_the_poster_before_is_there_as_long_as_its_url(
    client: Client, ann: Person, tools: Tools, film: bytes, tmp_path: Path
) -> None:
    video_id = await _playing(client, tools, ann, film)
    one = (await _made(ann, tools, video_id, 0, tmp_path)).body["poster_url"]
    other = (await _made(ann, tools, video_id, 2500, tmp_path)).body["poster_url"]
    assert near(corner(await _seen(ann, one), 0, 0), COLOURS[0])
    assert near(corner(await _seen(ann, other), 0, 0), COLOURS[2])
    await _remove_all(client, video_id)
    assert [key.rpartition("/")[2] for key in await _stored(tools, tools.media_bucket, f"videos/{video_id}/0/")] == [
        other.rpartition("/")[2]
    ]


@pytest.mark.usefixtures("patient")
async def test_one_can_go_back_to_the_poster_that_was_picked(
    client: Client, ann: Person, tools: Tools, film: bytes, tmp_path: Path
) -> None:
    video_id = await _playing(client, tools, ann, film)
    before = (await ann.get(f"/videos/{video_id}")).body
    await _made(ann, tools, video_id, 0, tmp_path)
    assert (await ann.delete(f"/videos/{video_id}/poster")).status == 204
    assert (await ann.get(f"/videos/{video_id}")).body == before
    await _remove_all(client, video_id)
    assert await _stored(tools, tools.media_bucket, f"videos/{video_id}/0/") == []
    assert (await _made(ann, tools, video_id, 0, tmp_path)).status == 200  # it is not taken for the one that is gone


@pytest.mark.usefixtures("hasty")
async def test_what_a_start_stored_that_broke_off_is_removed(
    client: Client, ann: Person, tools: Tools, film: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = await _playing(client, tools, ann, film)
    assert (await put(ann, video_id, 0)).status == 202
    lost = await leased(tools, video_id)
    async with connection(tools.pool) as conn:
        stored = asyncio.Event()

        async def breaks_off(*_: object) -> None:
            stored.set()
            raise ConnectionError

        with monkeypatch.context() as broken:
            broken.setattr(PosterMaking, "_shown", breaks_off)
            with pytest.raises(ConnectionError):
                await run(tools, lost, tmp_path)
        assert stored.is_set()
        await queue.hand_back(conn, lost, 0.0)
    await run(tools, await leased(tools, video_id), tmp_path)
    await _remove_all(client, video_id)
    [key] = await _stored(tools, tools.media_bucket, f"videos/{video_id}/0/")
    assert key.endswith("-2.jpg")
    await _seen(ann, (await ann.get(f"/videos/{video_id}")).body["poster_url"])


@pytest.mark.usefixtures("hasty")
async def test_nothing_is_left_of_a_video_that_is_deleted_meanwhile(
    client: Client, ann: Person, tools: Tools, film: bytes, photo: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = await _playing(client, tools, ann, film)
    await put(ann, video_id, photo)
    lease = await leased(tools, video_id)
    made = PosterMaking._made

    async def made_meanwhile(*arguments: Any) -> Still:
        still = await made(*arguments)
        assert (await ann.delete(f"/videos/{video_id}")).status == 204
        return still

    monkeypatch.setattr(PosterMaking, "_made", made_meanwhile)
    with pytest.raises(LeaseLost):
        await run(tools, lease, tmp_path)
    await _remove_all(client, video_id)
    assert await _stored(tools, tools.media_bucket, f"videos/{video_id}/") == []
    assert await _stored(tools, tools.raw_bucket, f"posters/{video_id}/") == []


@pytest.mark.usefixtures("hasty")
async def test_a_wish_that_was_called_off_shows_nothing(
    client: Client, ann: Person, tools: Tools, film: bytes, tmp_path: Path
) -> None:
    video_id = await _playing(client, tools, ann, film)
    await put(ann, video_id, 0)
    first = await leased(tools, video_id)
    await put(ann, video_id, 2500)
    with pytest.raises(LeaseLost):
        await run(tools, first, tmp_path)
    await run(tools, await leased(tools, video_id), tmp_path)
    poster = (await ann.get(f"/videos/{video_id}")).body["poster_url"]
    assert near(corner(await _seen(ann, poster), 0, 0), COLOURS[2])


@pytest.mark.usefixtures("hasty")
async def test_a_picture_that_had_to_wait_for_too_long_is_asked_for_again(
    client: Client, ann: Person, tools: Tools, film: bytes, photo: bytes, tmp_path: Path
) -> None:
    video_id = await _playing(client, tools, ann, film)
    await put(ann, video_id, photo)
    await _remove_all(client, video_id)
    await run(tools, await leased(tools, video_id), tmp_path)
    async with connection(tools.pool) as conn:
        assert await conn.fetchval("SELECT state FROM poster_wish WHERE video_id = $1", video_id) == "refused"
    assert (await put(ann, video_id, photo)).status == 202
    assert len(await _stored(tools, tools.raw_bucket, f"posters/{video_id}/")) == 1
