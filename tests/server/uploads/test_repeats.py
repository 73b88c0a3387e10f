"""Uploads that are begun again with their key: one video, one upload, one answer."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from server.kit.idempotency import HEADER
from server.kit.request import POOL
from server.uploads.repeats import Weighed
from server.uploads.tus import UploadTooLarge
from storage.postgres import connection
from tests.people import Answer, Person
from tests.resumable import Resumable, checksum, metadata, original, pieces

KEY = {HEADER: "01J-one-upload"}
BOUNDARY = "a-boundary"
FORM = {**KEY, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(name: str, value: bytes, more: str = "") -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"


def form(data: bytes, title: str = "t", *, first: bool = False, filename: str = "clip.mp4") -> bytes:
    """A form whose file is the first field, or the last."""
    file, field = part("file", data, f'; filename="{filename}"'), part("title", title.encode())
    return (file + field if first else field + file) + f"--{BOUNDARY}--\r\n".encode()


async def post(person: Person, body: Any, headers: dict[str, str] = FORM) -> Answer:
    return await person.post("/videos", data=body, headers=headers)


async def fetchval(person: Person, sql: str) -> Any:
    """Of this person's account, `$1`."""
    app = person.client.app
    assert app is not None
    async with connection(app[POOL]) as conn:
        return await conn.fetchval(sql, person.id)


async def videos(person: Person) -> int:
    return int(await fetchval(person, "SELECT count(*) FROM video WHERE author_id = $1"))


async def uploads(person: Person) -> int:
    return int(await fetchval(person, "SELECT count(*) FROM upload WHERE account_id = $1"))


async def held(person: Person, wanted: bool = True) -> None:
    """Wait until a request of this person holds a key, or none does."""
    holds = "SELECT count(*) > 0 FROM kept_answer WHERE account_id = $1 AND status IS NULL"
    async with asyncio.timeout(60):
        while await fetchval(person, holds) is not wanted:
            await asyncio.sleep(0.01)


class Slow:
    """A form that stops in its middle until it is told to go on."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.go_on = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        half = len(self._body) // 2
        yield self._body[:half]
        await self.go_on.wait()
        yield self._body[half:]


async def test_a_form_that_comes_again_is_one_video(ann: Person) -> None:
    data = os.urandom(100_000)
    first = await post(ann, form(data))
    for again in (form(data), form(data, first=True), form(data, filename="other.mov")):
        answer = await post(ann, again)
        assert (answer.status, answer.body) == (202, first.body)
    assert (await videos(ann), await uploads(ann)) == (1, 1)
    assert await original(ann.client, first.body["video"]["id"]) == data


async def test_another_file_or_another_title_is_other_content(ann: Person) -> None:
    data = os.urandom(1000)
    assert (await post(ann, form(data))).status == 202
    for other in (form(os.urandom(1000)), form(data, "other"), form(data[:-1])):
        refused = await post(ann, other)
        assert (refused.status, refused.code) == (422, "key_reused")
    assert (await post(ann, form(data, "t" * 151))).fields == {"title"}
    assert (await post(ann, b"no form")).code == "malformed"
    assert (await videos(ann), await uploads(ann)) == (1, 1)


async def test_a_duplicate_is_told_as_one_each_time_and_without_a_key(ann: Person) -> None:
    data = os.urandom(1000)
    first = await post(ann, form(data))
    second = [await post(ann, form(data), FORM | {HEADER: "second"}) for _ in range(2)]
    assert [(answer.status, answer.body["duplicate"]) for answer in second] == [(200, True), (200, True)]
    assert second[0].body == second[1].body
    assert (await post(ann, form(data))).body == first.body
    assert await uploads(ann) == 2


async def test_a_key_of_another_account_or_call_is_another_one(ann: Person, ben: Person) -> None:
    data = os.urandom(1000)
    one, two = await post(ann, form(data)), await post(ben, form(data))
    three = await Resumable(ann, data).create(headers=KEY)
    assert (one.status, two.status, three.status) == (202, 202, 201)
    assert one.body["video"]["id"] != two.body["video"]["id"]


async def test_while_the_first_one_comes_in_a_repeat_is_refused_unread(ann: Person) -> None:
    body = form(os.urandom(100_000))
    slow = Slow(body)
    first = asyncio.create_task(post(ann, slow))
    await held(ann)
    refused = await post(ann, body)
    assert (refused.status, refused.code, refused.headers["Retry-After"]) == (409, "in_progress", "1")
    slow.go_on.set()
    done = await first
    assert done.status == 202
    assert (await post(ann, body)).body == done.body
    assert (await videos(ann), await uploads(ann)) == (1, 1)


async def test_of_many_at_once_one_is_a_video(ann: Person) -> None:
    body = form(os.urandom(50_000))
    answers = await asyncio.gather(*(post(ann, body) for _ in range(6)))
    assert {answer.status for answer in answers} <= {202, 409}
    assert len({answer.body["video"]["id"] for answer in answers if answer.status == 202}) == 1
    assert {answer.code for answer in answers if answer.status == 409} <= {"in_progress"}
    assert (await videos(ann), await uploads(ann)) == (1, 1)


async def test_a_form_that_breaks_off_frees_its_key(ann: Person) -> None:
    body = form(os.urandom(100_000))
    first = asyncio.create_task(post(ann, Slow(body)))
    await held(ann)
    first.cancel()
    await asyncio.wait([first])
    await held(ann, wanted=False)
    assert (await post(ann, body)).status == 202


async def test_a_form_that_is_refused_frees_its_key(ann: Person) -> None:
    assert (await post(ann, form(b""))).fields == {"file"}
    assert (await post(ann, form(b"x", "t" * 151))).fields == {"title"}
    assert (await post(ann, form(os.urandom(1000)))).status == 202


async def test_who_was_given_up_for_dead_and_lives_makes_no_video(ann: Person) -> None:
    body, slow = form(os.urandom(100_000)), Slow(form(os.urandom(100_000)))
    dead = asyncio.create_task(post(ann, slow))
    await held(ann)
    await fetchval(ann, "UPDATE kept_answer SET until = now() WHERE account_id = $1")
    done = await post(ann, body)
    assert done.status == 202
    slow.go_on.set()
    refused = await dead
    assert (refused.status, refused.code) == (409, "in_progress")
    assert await videos(ann) == 1
    assert (await post(ann, body)).body == done.body


async def test_a_key_that_can_be_none_is_refused_before_anything_is_taken(ann: Person) -> None:
    refused = await post(ann, form(b"x"), FORM | {HEADER: "no key"})
    assert (refused.status, refused.fields) == (422, {HEADER})
    creation = await Resumable(ann, b"x").create(headers={HEADER: "no key"})
    assert (creation.status, creation.fields) == (422, {HEADER})
    assert await uploads(ann) == 0


async def test_a_creation_that_comes_again_is_one_upload(ann: Person) -> None:
    upload = Resumable(ann, os.urandom(1000), title="t", filename="one.mp4")
    first = await upload.create(headers=KEY)
    assert (await upload.patch(0, upload.data[:400])).status == 204
    upload.said["filename"] = "other.mp4"
    again = await upload.create(headers=KEY)
    for name in ("Location", "Upload-Offset", "Upload-Expires", "Tus-Resumable", "Cache-Control"):
        assert again.headers[name] == first.headers[name]
    assert (again.status, again.body) == (201, b"")
    assert await upload.offset() == 400
    assert await uploads(ann) == 1


async def test_a_creation_of_something_else_is_other_content(ann: Person) -> None:
    upload = Resumable(ann, os.urandom(1000), title="t")
    assert (await upload.create(headers=KEY)).status == 201
    others = [
        await upload.create(length=999, headers=KEY),
        await upload.create(first=upload.data, headers=KEY),
        await upload.create(headers=KEY | {"Upload-Metadata": metadata(title="other")}),
    ]
    assert [(other.status, other.code) for other in others] == [(422, "key_reused")] * 3
    assert await uploads(ann) == 1


@pytest.mark.parametrize("sent", [400, 1000])
async def test_a_creation_with_bytes_that_comes_again_is_one_upload(ann: Person, sent: int) -> None:
    upload = Resumable(ann, os.urandom(1000), title="t")
    first = await upload.create(first=upload.data[:sent], headers=KEY)
    again = await upload.create(first=upload.data[:sent], headers=KEY)
    assert (first.status, again.status) == (201, 201)
    for name in ("Location", "Upload-Offset", "Upload-Expires", "Video-Id"):
        assert again.headers.get(name) == first.headers.get(name)
    assert ("Video-Id" in first.headers) == (sent == 1000)
    assert (await upload.create(first=os.urandom(sent), headers=KEY)).code == "key_reused"
    assert (await upload.create(first=pieces(os.urandom(1001)), headers=KEY)).code == "upload_too_large"
    assert (await uploads(ann), await videos(ann)) == (1, int(sent == 1000))


async def test_a_creation_whose_bytes_are_wrong_frees_its_key(ann: Person) -> None:
    upload = Resumable(ann, os.urandom(1000))
    wrong = await upload.create(first=upload.data, headers=KEY | checksum(b"other"))
    assert wrong.code == "checksum_mismatch"
    right = await upload.create(first=upload.data, headers=KEY | checksum(upload.data))
    assert right.status == 201
    assert await original(ann.client, UUID(right.headers["Video-Id"])) == upload.data


async def test_a_repeat_is_read_to_its_limit_and_no_further() -> None:
    file = Weighed(10)
    await file.write(b"12345")
    await file.write(b"67890")
    with pytest.raises(UploadTooLarge):
        await file.write(b"1")
