"""What nobody goes on with ends, is told to have ended, and is forgotten with its bytes."""

import os
from collections.abc import Sequence
from dataclasses import replace

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.kit.request import POOL, STORE
from server.settings import Settings
from server.uploads import jobs
from storage.objects import ObjectStore, StoreUnavailable
from tests import rooms
from tests.people import Person
from tests.resumable import Resumable, column, desk, objects, original


async def age(upload: Resumable, seconds: int) -> None:
    """As if the upload had been begun, or finished, so much earlier."""
    app = upload.person.client.app
    assert app is not None
    async with app[POOL].acquire() as conn:
        await conn.execute(
            "UPDATE upload SET expires_at = expires_at - make_interval(secs => $2) WHERE id::text = $1", upload.url[-36:], seconds
        )


async def expire(person: Person) -> None:
    assert person.client.app is not None
    for _ in range(2):  # it may be killed and begin anew
        await jobs.expire(person.client.app)


async def begun(person: Person) -> Resumable:
    upload = Resumable(person, os.urandom(1000))
    await upload.create(upload.data[:400])
    return upload


async def test_an_upload_ends_at_its_time_whether_or_not_the_job_has_run(ann: Person) -> None:
    upload = await begun(ann)
    await age(upload, 86_400)
    for _ in range(2):
        assert (await upload.head()).status == 410
        for refused in (await upload.patch(400, b"x"), await upload.patch(400, b""), await upload.delete()):
            assert (refused.status, refused.code) == (410, "upload_expired")
        await expire(ann)
    assert await objects(ann.client, upload.url) == []


async def test_a_day_later_it_never_was(ann: Person) -> None:
    upload = await begun(ann)
    await age(upload, 2 * 86_400)
    for _ in range(2):
        refused = await upload.patch(400, b"x")
        assert (refused.status, refused.code) == (404, "not_found")
        await expire(ann)
    assert await objects(ann.client, upload.url) == []


async def test_one_that_still_has_time_is_left_alone(ann: Person) -> None:
    upload = await begun(ann)
    await age(upload, 86_000)
    await expire(ann)
    assert (await upload.patch(400, upload.data[400:])).headers["Video-Id"]


async def test_a_finished_one_is_told_of_for_a_day_and_its_bytes_stay(ann: Person) -> None:
    upload = await begun(ann)
    done = await upload.patch(400, upload.data[400:])
    await age(upload, 86_000)
    await expire(ann)
    assert (await upload.head()).headers["Video-Id"] == done.headers["Video-Id"]
    await age(upload, 400)
    for _ in range(2):
        assert (await upload.head()).status == 404
        await expire(ann)
    assert await original(ann.client, done.headers["Video-Id"]) == upload.data


async def test_a_finished_one_is_told_of_for_a_day_however_short_the_life_of_an_unfinished_one(
    aiohttp_client: AiohttpClient, settings: Settings, ann: Person
) -> None:
    client = await rooms.serve(aiohttp_client, replace(settings, upload_seconds=3600))
    upload = await begun(Person(client, ann.id, access=ann.access))
    done = await upload.patch(400, upload.data[400:])
    await age(upload, 86_000)
    told = await upload.head()
    assert (told.headers["Upload-Offset"], told.headers["Video-Id"]) == ("1000", done.headers["Video-Id"])
    assert (await upload.patch(1000, b"")).headers["Video-Id"] == done.headers["Video-Id"]
    await age(upload, 400)
    assert (await upload.head()).status == 404


def undeletable(store: ObjectStore, monkeypatch: pytest.MonkeyPatch, *uploads: Resumable) -> None:
    """The store refuses to delete what belongs to these, as it does where an object is locked."""
    delete = store.delete

    async def refuse(bucket: str, keys: Sequence[str]) -> None:
        if any(upload.url[-36:] in key for upload in uploads for key in keys):
            raise StoreUnavailable("not deleted: AccessDenied")
        await delete(bucket, keys)

    monkeypatch.setattr(store, "delete", refuse)


async def test_what_cannot_be_removed_holds_up_nothing_behind_it(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ann.client.app is not None
    store, stuck, behind = ann.client.app[STORE], await begun(ann), await begun(ann)
    undeletable(store, monkeypatch, stuck)
    await age(stuck, 3 * 86_400 + 1)
    await age(behind, 3 * 86_400)
    monkeypatch.setattr(jobs, "BATCH", 1)
    await expire(ann)
    assert await objects(ann.client, behind.url) == []
    assert await column(behind, "id") is None
    assert await objects(ann.client, stuck.url) != []
    assert await column(stuck, "faults") == 1  # it is left alone for a while
    assert await column(stuck, "clean_at > now()")
    assert (await stuck.head()).status == 404  # and told of no longer


async def test_it_goes_when_the_store_lets_it(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ann.client.app is not None
    stuck = await begun(ann)
    await age(stuck, 3 * 86_400)
    with monkeypatch.context() as refusing:
        undeletable(ann.client.app[STORE], refusing, stuck)
        await expire(ann)
    async with ann.client.app[POOL].acquire() as conn:
        await conn.execute("UPDATE upload SET clean_at = now() WHERE id::text = $1", stuck.url[-36:])
    await expire(ann)
    assert await objects(ann.client, stuck.url) == []
    assert await column(stuck, "id") is None


async def test_a_store_that_is_away_ends_the_run_and_blames_no_upload(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ann.client.app is not None
    store, stuck = ann.client.app[STORE], await begun(ann)
    await age(stuck, 3 * 86_400)

    async def away(*_: object) -> None:
        raise StoreUnavailable("the object store: down")

    with monkeypatch.context() as down:
        down.setattr(store, "delete", away)
        down.setattr(store, "check", away)
        with pytest.raises(StoreUnavailable):
            await jobs.expire(ann.client.app)
    assert await column(stuck, "faults") == 0
    await expire(ann)
    assert await column(stuck, "id") is None


async def test_what_a_killed_process_left_beside_the_original_goes_with_the_row(ann: Person) -> None:
    upload = await begun(ann)
    done = await upload.patch(400, upload.data[400:])
    stray, at_work = f"uploads/{upload.url[-36:]}/99", desk(ann.client)
    await at_work.store.put(at_work.bucket, stray, b"stray", content_type="x/y")
    await age(upload, 86_400)
    await expire(ann)
    assert await original(ann.client, done.headers["Video-Id"]) == upload.data
    assert stray not in await objects(ann.client, upload.url)
