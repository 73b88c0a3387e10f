"""The job that looks at pictures, on real stores and real children; and its result, as browsers get it."""

import asyncio
import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image

from media.avatar import Portrait
from server.accounts import queries as accounts
from server.avatars import actions, routes
from server.avatars.jobs import WISHES, AvatarMaking
from server.kit.request import POOL
from server.kit.work import work
from server.transcoding.jobs import LeaseLost, Tools
from server.videos import removals
from server.videos.wire import Failure
from storage import jobs as queue
from storage.postgres import connection
from tests.media import stills
from tests.media.films import shows_quarters
from tests.people import Answer, Client, Person
from tests.server.avatars.making import leased, put
from tests.videos import published
from tests.waiting import LIMIT_SECONDS
from tests.wishes import run

DUE = "WITH due AS (UPDATE object_removal SET due_at = now() WHERE video_id = $1 RETURNING 1) SELECT count(*) FROM due"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests wait for their picture, however slow this machine is."""
    monkeypatch.setattr(actions, "WAIT_SECONDS", 100.0)
    monkeypatch.setattr(routes, "SECONDS", 120.0)


async def _made(person: Person, tools: Tools, photo: bytes, folder: Path) -> Answer:
    """The answer to whoever sends it, while a worker is there."""
    asking = asyncio.create_task(put(person, photo))
    await run(tools, await leased(tools, person), folder)
    return await asking


async def _stored(tools: Tools, person: Person) -> list[str]:
    """Everything of theirs in both buckets."""
    prefix = f"avatars/{person.id}/"
    buckets = (tools.media_bucket, tools.raw_bucket)
    return [key for bucket in buckets async for key in tools.store.list_prefix(bucket, prefix)]


async def _refused(nobody: Person, url: str, etag: str) -> Answer:
    """The answer to the edge once a picture is there no more: within a second or so."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while (answer := await nobody.get(url, headers={"If-None-Match": etag})).status != 404:
            await asyncio.sleep(0.05)
    return answer


async def _remove_all(client: Client, person: Person) -> None:
    """As if everything were due that is to be removed of this account."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while await client.app[POOL].fetchval(DUE, person.id):  # a busy store puts things off
            await removals.remove_due(client.app)


@pytest.mark.usefixtures("patient")
async def test_a_picture_is_shown_wherever_its_owner_is_named(
    client: Client, ann: Person, ben: Person, nobody: Person, tools: Tools, photo: bytes, tmp_path: Path
) -> None:
    video_id = await published(client, ann)
    await ann.post(f"/videos/{video_id}/comments", json={"text": "mine"})
    answer = await _made(ann, tools, photo, tmp_path)
    assert (answer.status, answer.body) == (200, (await ann.get("/me")).body)
    url = answer.body["avatar_url"]
    assert url.startswith(f"/media/avatars/{ann.id}/")
    assert (await nobody.get(f"/users/{ann.id}")).body["avatar_url"] == url
    assert (await nobody.get(f"/videos/{video_id}")).body["author"]["avatar_url"] == url
    assert (await nobody.get(f"/videos/{video_id}/comments")).body["items"][0]["author"]["avatar_url"] == url
    await ben.follow(ann)
    [item] = (await ben.get("/feed/following")).body["items"]
    assert [item["author"]["avatar_url"], item["top_comments"][0]["author"]["avatar_url"]] == [url, url]
    assert (await put(ann, photo)).body["avatar_url"] == url  # it is there already


@pytest.mark.usefixtures("patient")
async def test_everybody_may_see_it_square_and_in_two_sizes(ann: Person, nobody: Person, tools: Tools, tmp_path: Path) -> None:
    sent = stills.turned(tmp_path / "photo.jpg").read_bytes()
    url = (await _made(ann, tools, sent, tmp_path)).body["avatar_url"]
    small = url.replace("-320.jpg", "-96.jpg")
    for name, edge in ((url, 120), (small, 96)):  # what was sent is 120 x 160
        found = await nobody.get(name)
        assert (found.status, found.headers["Content-Type"]) == (200, "image/jpeg")
        assert found.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        with Image.open(io.BytesIO(found.body)) as picture:
            assert (picture.size, len(picture.getexif()), picture.info.get("icc_profile")) == ((edge, edge), 0, None)
            shown = np.asarray(picture.convert("RGB"))
        assert shows_quarters(shown)
        assert b"ecret" not in found.body
        again = await nobody.get(name, headers={"If-None-Match": found.headers["ETag"]})
        assert again.status == 304
    assert {f"/media/{key}" for key in await _stored(tools, ann)} == {small, url}


@pytest.mark.usefixtures("patient")
async def test_what_is_no_still_is_refused_to_whoever_waits(ann: Person, tools: Tools, photo: bytes, tmp_path: Path) -> None:
    before = (await _made(ann, tools, photo, tmp_path)).body
    attacks = (stills.pixel_bomb(tmp_path / "bomb", 30_000), stills.svg(tmp_path / "svg"), stills.moving(tmp_path / "a.webp"))
    for bad in (b"no picture", photo[: len(photo) // 2], *(attack.read_bytes() for attack in attacks)):
        answer = await _made(ann, tools, bad, tmp_path)
        assert (answer.status, answer.fields) == (422, {"file"})
    assert (await ann.get("/me")).body == before
    assert len(await _stored(tools, ann)) == 2


@pytest.mark.usefixtures("patient")
async def test_a_fault_of_ours_is_no_fault_of_the_picture(ann: Person, tools: Tools, photo: bytes) -> None:
    asking = asyncio.create_task(put(ann, photo))
    await WISHES.fail(tools, await leased(tools, ann), Failure("internal", "Every try broke off."), passing=True)
    assert (await asking).code == "unavailable"


@pytest.mark.usefixtures("patient")
async def test_the_picture_before_is_there_as_long_as_its_url(
    client: Client, ann: Person, nobody: Person, tools: Tools, photo: bytes, tmp_path: Path
) -> None:
    one = (await _made(ann, tools, photo, tmp_path)).body["avatar_url"]
    etag = (await nobody.get(one)).headers["ETag"]
    other = (await _made(ann, tools, stills.saved(tmp_path / "b.jpg").read_bytes(), tmp_path)).body["avatar_url"]
    assert one != other
    for url in (one, other):
        assert (await nobody.get(url)).status == 200
    assert (await nobody.get(one, headers={"If-None-Match": etag})).status == 304
    await _remove_all(client, ann)
    assert len(await _stored(tools, ann)) == 2
    gone = await _refused(nobody, one, etag)
    assert (gone.code, gone.headers["X-Accel-Expires"]) == ("not_found", "1")
    assert (await nobody.get(other)).status == 200


@pytest.mark.usefixtures("patient")
async def test_what_is_taken_away_is_refused_within_seconds_and_removed(
    client: Client, ann: Person, nobody: Person, tools: Tools, photo: bytes, tmp_path: Path
) -> None:
    url = (await _made(ann, tools, photo, tmp_path)).body["avatar_url"]
    etag = (await nobody.get(url)).headers["ETag"]
    assert (await ann.delete("/me/avatar")).status == 204
    assert (await ann.get("/me")).body["avatar_url"] is None
    await _refused(nobody, url, etag)
    await removals.remove_due(client.app)  # it is due at once
    assert await _stored(tools, ann) == []
    assert (await _made(ann, tools, photo, tmp_path)).status == 200  # it is not taken for the one that is gone


async def test_where_there_is_no_picture_it_is_not_found(ann: Person, nobody: Person) -> None:
    for path in (f"{ann.id}/abc-1-320.jpg", f"{uuid4()}/abc-1-320.jpg", f"{ann.id}/../x.jpg"):
        answer = await nobody.get(f"/media/avatars/{path}")
        assert answer.status in (403, 404)
    assert (await nobody.get(f"/media/avatars/{ann.id}/abc-1-320.jpg")).code == "not_found"


@pytest.mark.usefixtures("hasty")
async def test_what_a_start_stored_that_broke_off_is_removed(
    client: Client, ann: Person, nobody: Person, tools: Tools, photo: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await put(ann, photo)).status == 503
    lost = await leased(tools, ann)

    async def breaks_off(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(AvatarMaking, "_shown", breaks_off)
        with pytest.raises(ConnectionError):
            await run(tools, lost, tmp_path)
    async with connection(tools.pool) as conn:
        await queue.hand_back(conn, lost, 0.0)
    await run(tools, await leased(tools, ann), tmp_path)
    await _remove_all(client, ann)
    url = (await put(ann, photo)).body["avatar_url"]
    assert url.endswith("-2-320.jpg")
    assert len(await _stored(tools, ann)) == 2
    assert (await nobody.get(url)).status == 200


@pytest.mark.usefixtures("hasty")
async def test_nothing_is_left_of_an_account_that_goes_meanwhile(
    client: Client, ann: Person, tools: Tools, photo: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(ann, photo)
    made = AvatarMaking._made

    async def made_meanwhile(*arguments: Any) -> Portrait:
        portrait = await made(*arguments)
        assert ann.id is not None
        async with work(tools.pool, tools.announcer, None) as w:
            await accounts.lock(w.conn, ann.id)
            await actions.forget(w, ann.id)
        return portrait

    monkeypatch.setattr(AvatarMaking, "_made", made_meanwhile)
    with pytest.raises(LeaseLost):
        await run(tools, await leased(tools, ann), tmp_path)
    await _remove_all(client, ann)
    assert await _stored(tools, ann) == []


@pytest.mark.usefixtures("hasty")
async def test_a_picture_that_had_to_wait_for_too_long_is_sent_again(
    client: Client, ann: Person, tools: Tools, photo: bytes, tmp_path: Path
) -> None:
    await put(ann, photo)
    await _remove_all(client, ann)
    await run(tools, await leased(tools, ann), tmp_path)
    assert (await put(ann, photo)).status == 503
    await run(tools, await leased(tools, ann), tmp_path)
    assert (await put(ann, photo)).status == 200
