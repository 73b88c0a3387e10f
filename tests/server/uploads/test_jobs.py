"""What nobody goes on with ends, is told to have ended, and is forgotten with its bytes."""

import os

from server.kit.request import POOL
from server.uploads import jobs
from tests.people import Person
from tests.resumable import Resumable, desk, objects, original


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


async def test_what_a_killed_process_left_beside_the_original_goes_with_the_row(ann: Person) -> None:
    upload = await begun(ann)
    done = await upload.patch(400, upload.data[400:])
    stray, at_work = f"uploads/{upload.url[-36:]}/99", desk(ann.client)
    await at_work.store.put(at_work.bucket, stray, b"stray", content_type="x/y")
    await age(upload, 86_400)
    await expire(ann)
    assert await original(ann.client, done.headers["Video-Id"]) == upload.data
    assert stray not in await objects(ann.client, upload.url)
