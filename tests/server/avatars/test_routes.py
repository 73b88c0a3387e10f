"""Sending a picture of oneself over HTTP: what is refused, and what is answered while no worker is at it."""

import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.avatars import actions
from server.kit.request import POOL, SETTINGS, STORE
from server.settings import Settings
from server.uploads.photo import MAX_PHOTO_BYTES
from server.web import application
from storage.postgres import connection
from tests.people import Answer, Person

PHOTO = b"what a picture is, a worker finds out"


@pytest.fixture(autouse=True)
def nobody_waits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as product:
        product.setattr(actions, "WAIT_SECONDS", 0.0)
        yield


async def send(person: Person, photo: bytes = PHOTO, type_: str = "image/jpeg") -> Answer:
    return await person.put("/me/avatar", data=io.BytesIO(photo), headers={"Content-Type": type_})


async def _jobs(person: Person) -> list[str]:
    """The states of the jobs for their picture."""
    async with connection(person.client.app[POOL]) as conn:
        rows = await conn.fetch("SELECT state FROM job WHERE account_id = $1 AND kind = 'avatar' ORDER BY created_at", person.id)
    return [row["state"] for row in rows]


async def _photos(person: Person) -> list[bytes]:
    """The pictures of theirs that wait."""
    app = person.client.app
    store, bucket = app[STORE], app[SETTINGS].s3_raw_bucket
    return [await store.read(bucket, key) async for key in store.list_prefix(bucket, f"avatars/{person.id}/")]


@pytest.mark.parametrize("type_", ["image/jpeg", "image/png", "image/webp"])
async def test_a_picture_waits_for_a_worker_and_whoever_sends_it_is_told_when_to_ask_again(ann: Person, type_: str) -> None:
    for _ in range(2):  # again is once
        answer = await send(ann, type_=type_)
        assert (answer.status, answer.code) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    assert await _photos(ann) == [PHOTO]
    assert await _jobs(ann) == ["queued"]
    assert (await ann.get("/me")).body["avatar_url"] is None


async def test_the_last_one_counts(ann: Person) -> None:
    await send(ann)
    await send(ann, PHOTO * 2)
    assert await _jobs(ann) == ["cancelled", "queued"]


async def test_sending_again_where_the_job_was_cancelled_queues_another(ann: Person) -> None:
    await send(ann)
    async with connection(ann.client.app[POOL]) as conn:
        await conn.execute("UPDATE job SET state = 'cancelled' WHERE account_id = $1", ann.id)
    await send(ann)
    assert await _jobs(ann) == ["cancelled", "queued"]


async def test_taking_it_away_calls_it_off(ann: Person) -> None:
    await send(ann)
    for _ in range(2):
        assert (await ann.delete("/me/avatar")).status == 204
    assert await _jobs(ann) == ["cancelled"]


async def test_a_picture_is_at_most_two_megabytes(ann: Person) -> None:
    assert (await send(ann, bytes(MAX_PHOTO_BYTES))).status == 503

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield bytes(MAX_PHOTO_BYTES // 3 + 1)

    for body in (io.BytesIO(bytes(MAX_PHOTO_BYTES + 1)), unannounced()):
        refused = await ann.put("/me/avatar", data=body, headers={"Content-Type": "image/png"})
        assert (refused.status, refused.code) == (413, "body_too_large")


@pytest.mark.parametrize("type_", ["image/gif", "image/svg+xml", "application/json", "multipart/form-data; boundary=x"])
async def test_other_types_are_refused(ann: Person, type_: str) -> None:
    refused = await send(ann, type_=type_)
    assert (refused.status, refused.code) == (415, "wrong_media_type")


async def test_refusals_come_in_their_order(ann: Person, nobody: Person) -> None:
    for method in ("PUT", "DELETE"):
        assert (await nobody.call(method, "/me/avatar")).code == "not_authenticated"
    assert (await ann.post("/me/avatar")).status == 405
    assert (await send(ann, b"", "image/gif")).status == 415
    assert (await send(ann, b"")).fields == {"file"}
    assert await _jobs(ann) == []


async def test_a_picture_may_travel_longer_than_a_request_may_wait(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as product:
        product.setattr("server.kit.deadline.SECONDS", 0.0)
        await send(ann)
    assert await _jobs(ann) == ["queued"]


async def test_an_account_may_send_so_many_an_hour(
    aiohttp_client: AiohttpClient, settings: Settings, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_AN_HOUR", 2)
    there = await aiohttp_client(application(replace(settings, rate_limits=True)))
    limited = Person(there, ann.id, access=ann.access)
    for photo in (PHOTO, PHOTO * 2, PHOTO * 2):
        assert (await send(limited, photo)).status == 503  # the same again is none
    refused = await send(limited, PHOTO * 3)
    assert (refused.status, refused.code) == (429, "quota_exceeded")
    assert 3000 < int(refused.headers["Retry-After"]) <= 3600
    assert (await send(ann, PHOTO * 3)).status == 503  # limits are off there
