"""Choosing a poster over HTTP: who may, what is refused, and what is answered while no worker is at it."""

import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.kit.request import POOL, SETTINGS, STORE
from server.posters import actions
from server.settings import Settings
from server.uploads.photo import MAX_PHOTO_BYTES
from server.web import application
from storage.postgres import connection
from tests.people import Answer, Client, Person
from tests.videos import START, Told, published, uploaded

PHOTO = b"what a picture is, a worker finds out"


@pytest.fixture(autouse=True)
def nobody_waits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as product:
        product.setattr(actions, "WAIT_SECONDS", 0.0)
        yield


async def send(person: Person, video_id: object, photo: bytes = PHOTO, type_: str = "image/jpeg") -> Answer:
    return await person.put(f"/videos/{video_id}/poster", data=io.BytesIO(photo), headers={"Content-Type": type_})


async def _jobs(client: Client, video_id: UUID) -> list[str]:
    """The states of the jobs for its poster."""
    async with connection(client.app[POOL]) as conn:
        rows = await conn.fetch("SELECT state FROM job WHERE subject_id = $1 AND kind = 'poster' ORDER BY created_at", video_id)
    return [row["state"] for row in rows]


async def _photos(client: Client, video_id: UUID) -> list[bytes]:
    """The pictures that wait."""
    store, bucket = client.app[STORE], client.app[SETTINGS].s3_raw_bucket
    return [await store.read(bucket, key) async for key in store.list_prefix(bucket, f"posters/{video_id}/")]


async def test_a_moment_is_asked_for(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    answer = await ann.put(f"/videos/{video_id}/poster", json={"at_ms": START.duration_ms})
    assert answer.status == 202
    assert answer.body == (await ann.get(f"/videos/{video_id}")).body
    assert answer.body["poster_url"] == f"/media/{video_id}/o/1/poster.jpg"
    assert await _jobs(client, video_id) == ["queued"]


@pytest.mark.parametrize("type_", ["image/jpeg", "image/png", "image/webp"])
async def test_a_picture_waits_for_a_worker(client: Client, ann: Person, type_: str) -> None:
    video_id = await published(client, ann)
    assert (await send(ann, video_id, type_=type_)).status == 202
    assert await _photos(client, video_id) == [PHOTO]
    assert await _jobs(client, video_id) == ["queued"]


async def test_asking_again_is_asking_once(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    for _ in range(2):
        assert (await send(ann, video_id)).status == 202
    assert await _photos(client, video_id) == [PHOTO]
    assert await _jobs(client, video_id) == ["queued"]


async def test_asking_again_where_the_job_was_cancelled_queues_another(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    for states in (["queued"], ["cancelled", "queued"]):
        assert (await send(ann, video_id)).status == 202
        assert await _jobs(client, video_id) == states
        async with connection(client.app[POOL]) as conn:
            await conn.execute("UPDATE job SET state = 'cancelled' WHERE subject_id = $1", video_id)


async def test_the_last_one_counts(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    assert (await send(ann, video_id)).status == 202
    assert (await ann.put(f"/videos/{video_id}/poster", json={"at_ms": 5})).status == 202
    assert (await ann.put(f"/videos/{video_id}/poster", json={"at_ms": 6})).status == 202
    assert await _jobs(client, video_id) == ["cancelled", "cancelled", "queued"]
    async with connection(client.app[POOL]) as conn:
        assert await conn.fetchval("SELECT at_ms FROM poster_wish WHERE video_id = $1", video_id) == 6


async def test_going_back_calls_it_off(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    await send(ann, video_id)
    for _ in range(2):
        assert (await ann.delete(f"/videos/{video_id}/poster")).status == 204
    assert await _jobs(client, video_id) == ["cancelled"]


async def test_a_deleted_video_needs_no_poster(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    await send(ann, video_id)
    assert (await ann.delete(f"/videos/{video_id}")).status == 204
    assert await _jobs(client, video_id) == ["cancelled"]
    async with connection(client.app[POOL]) as conn:
        prefixes = {row["prefix"] for row in await conn.fetch("SELECT prefix FROM object_removal WHERE video_id = $1", video_id)}
    assert {f"posters/{video_id}/", f"videos/{video_id}/"} <= prefixes


async def test_a_picture_is_at_most_two_megabytes(client: Client, ann: Person) -> None:
    video_id = await published(client, ann)
    assert (await send(ann, video_id, bytes(MAX_PHOTO_BYTES))).status == 202

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield bytes(MAX_PHOTO_BYTES // 3 + 1)

    for body in (io.BytesIO(bytes(MAX_PHOTO_BYTES + 1)), unannounced()):
        refused = await ann.put(f"/videos/{video_id}/poster", data=body, headers={"Content-Type": "image/png"})
        assert (refused.status, refused.code) == (413, "body_too_large")


@pytest.mark.parametrize("type_", ["image/gif", "image/svg+xml", "text/plain", "multipart/form-data; boundary=x"])
async def test_other_types_are_refused(client: Client, ann: Person, type_: str) -> None:
    refused = await send(ann, await published(client, ann), type_=type_)
    assert (refused.status, refused.code) == (415, "wrong_media_type")


@pytest.mark.parametrize("body", [{}, {"at_ms": -1}, {"at_ms": 5001}, {"at_ms": 2**70}, {"at_ms": 1.5}, {"at_ms": None}])
async def test_a_moment_lies_in_the_clip(client: Client, ann: Person, body: dict[str, object]) -> None:
    video_id = await published(client, ann)
    assert (await ann.put(f"/videos/{video_id}/poster", json=body)).fields == {"at_ms"}


async def test_a_picture_has_bytes(client: Client, ann: Person) -> None:
    assert (await send(ann, await published(client, ann), b"")).fields == {"file"}


async def test_what_does_not_play_has_no_poster_yet(client: Client, ann: Person) -> None:
    video_id = await uploaded(client, ann)
    assert (await send(ann, video_id)).code == "not_playable"
    assert (await ann.put(f"/videos/{video_id}/poster", json={"at_ms": 0})).code == "not_playable"
    assert await _photos(client, video_id) == []


async def test_refusals_come_in_their_order(client: Client, ann: Person, ben: Person, nobody: Person) -> None:
    theirs, hidden = await published(client, ann), await published(client, ann, Told(visibility="private"))
    for method in ("PUT", "DELETE"):
        assert (await nobody.call(method, f"/videos/{theirs}/poster")).code == "not_authenticated"
    assert (await send(ben, hidden, type_="image/gif")).code == "wrong_media_type"
    absent = (await send(ben, uuid4())).body
    for body in (PHOTO, b""):
        answer = await send(ben, hidden, body)
        assert (answer.status, answer.body) == (404, absent)
        assert (await send(ben, theirs, body)).code == "not_yours"
    assert (await ben.put(f"/videos/{theirs}/poster", json={"at_ms": -1})).code == "not_yours"
    assert (await ben.delete(f"/videos/{theirs}/poster")).code == "not_yours"
    assert (await ben.delete(f"/videos/{hidden}/poster")).code == "not_found"


async def test_a_picture_may_travel_longer_than_a_request_may_wait(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = await published(client, ann)
    with monkeypatch.context() as product:
        product.setattr("server.kit.deadline.SECONDS", 0.0)
        answer = await send(ann, video_id)
        assert (await ann.get(f"/videos/{video_id}")).code == "unavailable"
    assert answer.status == 202


async def test_an_account_may_ask_for_so_many_posters_an_hour(
    aiohttp_client: AiohttpClient, settings: Settings, client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_AN_HOUR", 3)
    there = await aiohttp_client(application(replace(settings, rate_limits=True)))
    limited = Person(there, ann.id, access=ann.access)
    one, other = await published(client, ann), await published(client, ann)
    for at_ms in (0, 1, 1):
        assert (await limited.put(f"/videos/{one}/poster", json={"at_ms": at_ms})).status == 202  # the same again is none
    assert (await send(limited, other)).status == 202
    refused = await limited.put(f"/videos/{other}/poster", json={"at_ms": 3})
    assert (refused.status, refused.code) == (429, "quota_exceeded")
    assert 3000 < int(refused.headers["Retry-After"]) <= 3600
    assert (await send(limited, other, PHOTO * 2)).status == 429
    assert await _photos(client, other) == [PHOTO]
    assert (await send(limited, other)).status == 202  # it waits already
    assert (await ann.put(f"/videos/{other}/poster", json={"at_ms": 3})).status == 202  # limits are off there
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE job SET created_at = now() - interval '2 hours' WHERE account_id = $1", ann.id)
    assert (await limited.put(f"/videos/{other}/poster", json={"at_ms": 4})).status == 202
