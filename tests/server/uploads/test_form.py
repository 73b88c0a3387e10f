"""The one-shot upload: a form in any order, streamed, refused early, told what is wrong with it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from pytest_aiohttp.plugin import AiohttpClient

from media.opening import OPTIONS
from server.settings import Settings
from server.uploads.desk import PATIENCE
from server.uploads.form import FORM_BYTES, chunks
from server.uploads.patience import Patience
from server.uploads.tus import BodyCut
from storage.objects import PART_BYTES
from tests import rooms
from tests.people import Answer, Person
from tests.resumable import desk, original

VIDEO_FIELDS = {
    "id",
    "author",
    "title",
    "description",
    "hashtags",
    "visibility",
    "status",
    "progress",
    "sources",
    "counts",
    "viewer",
}
CONTAINERS = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "matroska",
    "video/3gpp": "3gp",
}
NESTED = b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nx\r\n--i--\r\n"


def form(*fields: tuple[str, Any], filename: str = "clip.mp4") -> aiohttp.FormData:
    """A form with its fields in this order; bytes are files."""
    found = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields:
        if isinstance(value, bytes):
            found.add_field(name, BytesIO(value), filename=filename, content_type="text/html")
        else:
            found.add_field(name, value)
    return found


async def post(person: Person, *fields: tuple[str, Any], filename: str = "clip.mp4") -> Answer:
    return await person.post("/videos", data=form(*fields, filename=filename))


@pytest.mark.parametrize("place", [0, 1, 3])
async def test_the_file_may_stand_anywhere_in_the_form(ann: Person, place: int) -> None:
    data = os.urandom(100_000)
    fields: list[tuple[str, Any]] = [("title", "one #shot"), ("description", "d"), ("visibility", "followers")]
    fields.insert(place, ("file", data))
    answer = await post(ann, *fields)
    assert answer.status == 202
    assert set(answer.body) == {"video"}
    video = answer.body["video"]
    assert set(video) >= VIDEO_FIELDS
    assert (video["title"], video["description"], video["hashtags"]) == ("one #shot", "d", ["shot"])
    assert (video["visibility"], video["status"], video["viewer"]) == ("followers", "uploaded", {"liked": False})
    assert await original(ann.client, video["id"]) == data


async def test_a_file_of_several_parts(ann: Person) -> None:
    data = os.urandom(PART_BYTES) + os.urandom(PART_BYTES) + b"end"
    answer = await post(ann, ("file", data))
    assert answer.status == 202
    assert await original(ann.client, answer.body["video"]["id"]) == data


async def test_the_same_bytes_again_answer_with_the_same_video(ann: Person) -> None:
    data = os.urandom(1000)
    first = await post(ann, ("file", data), ("title", "first"))
    again = await post(ann, ("file", data), ("title", "again"))
    assert (again.status, again.body["duplicate"]) == (200, True)
    assert (again.body["video"]["id"], again.body["video"]["title"]) == (first.body["video"]["id"], "first")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ([("file", b"")], "file"),
        ([("title", "no file")], "file"),
        ([("file", b"x"), ("title", "t" * 151)], "title"),
        ([("title", "t" * 151), ("file", b"x")], "title"),
        ([("file", b"x"), ("title", "\x00")], "title"),
        ([("file", b"x"), ("description", "d" * 2201)], "description"),
        ([("file", b"x"), ("description", "d" * 20_000)], "description"),
        ([("file", b"x"), ("visibility", "everyone")], "visibility"),
        ([("file", b"x"), ("author", "me")], "author"),
        ([("file", b"x"), ("title", "a"), ("title", "b")], "title"),
        ([("file", b"x"), ("file", b"y")], "file"),
    ],
)
async def test_a_form_that_is_invalid_names_its_field(ann: Person, fields: list[tuple[str, Any]], named: str) -> None:
    refused = await post(ann, *fields)
    assert (refused.status, refused.code, refused.fields) == (422, "invalid", {named})


async def test_a_file_name_that_is_too_long(ann: Person) -> None:
    refused = await post(ann, ("file", b"x"), filename="f" * 256)
    assert (refused.status, refused.fields) == (422, {"filename"})


@pytest.mark.parametrize("raw", [b"\xed\xa0\x80", b"\xff\xfe"])
async def test_text_that_is_none_is_invalid(ann: Person, raw: bytes) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n' + raw + b"\r\n"
    body += b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nx\r\n--b--\r\n'
    refused = await ann.post("/videos", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert (refused.status, refused.fields) == (422, {"title"})


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("application/json", 415, "wrong_media_type"),
        ("multipart/mixed; boundary=b", 415, "wrong_media_type"),
        ("multipart/form-data", 400, "malformed"),
        ("multipart/form-data; boundary=c", 400, "malformed"),
    ],
)
async def test_what_is_no_form_is_refused(ann: Person, kind: str, status: int, code: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n'
    refused = await ann.post("/videos", data=body, headers={"Content-Type": kind})
    assert (refused.status, refused.code) == (status, code)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b\r\n\r\nno name\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nit never ends',
        b'--b\r\nContent-Disposition: form-data; name="file"\r\n' + NESTED + b"--b--\r\n",
        b"--b\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(200)) + b"\r\nx\r\n--b--\r\n",
        b"".join(b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % n for n in range(99)) + b"--b--\r\n",
    ],
)
async def test_a_broken_form_is_malformed(ann: Person, body: bytes) -> None:
    refused = await ann.post("/videos", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert (refused.status, refused.code) == (400, "malformed")


async def test_credentials_come_before_the_form(nobody: Person) -> None:
    assert (await nobody.post("/videos", data=b"x", headers={"Content-Type": "text/plain"})).status == 401


async def test_a_refused_form_leaves_nothing_behind(ann: Person) -> None:
    assert (await post(ann, ("file", os.urandom(PART_BYTES + 10)), ("title", "t" * 151))).status == 422
    at_work = desk(ann.client)
    async with at_work.pool.acquire() as conn:
        rows = await conn.fetch("SELECT id, expired, multipart_id FROM upload WHERE account_id = $1", ann.id)
    assert [row["expired"] for row in rows] == [True]
    for place in ("tails", "uploads"):
        prefix = f"{place}/{rows[0]['id']}/"
        assert [key async for key in at_work.store.list_prefix(at_work.bucket, prefix)] == []


async def announce(person: Person, length: int) -> tuple[int, str]:
    """Send only the head of a form; the status and the code of the answer."""
    reader, writer = await asyncio.open_connection(person.client.host, person.client.port)
    head = f"POST /api/v1/videos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {person.access}\r\nContent-Length: {length}\r\n"
    writer.write(head.encode() + b"Content-Type: multipart/form-data; boundary=b\r\n\r\n")
    async with asyncio.timeout(60):
        told = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(told.partition("content-length: ")[2].partition("\r\n")[0])
        body = json.loads(await reader.readexactly(size))
    writer.close()
    await writer.wait_closed()
    return int(told.split()[1]), body["code"]


async def test_a_form_that_announces_too_much_is_refused_before_a_byte_of_it(ann: Person, settings: Settings) -> None:
    refused = await announce(ann, settings.upload_max_bytes + FORM_BYTES + 1)
    assert refused == (413, "upload_too_large")


@pytest.fixture
async def narrow(aiohttp_client: AiohttpClient, settings: Settings, ann: Person) -> Person:
    """Ann at a process that takes at most a megabyte."""
    from dataclasses import replace

    client = await rooms.serve(aiohttp_client, replace(settings, upload_max_bytes=1_000_000))
    return Person(client, ann.id, access=ann.access)


async def test_the_largest_file_is_taken_and_one_byte_more_is_not(narrow: Person) -> None:
    assert (await post(narrow, ("file", os.urandom(1_000_000)))).status == 202
    refused = await post(narrow, ("file", os.urandom(1_000_001)))
    assert (refused.status, refused.code) == (413, "upload_too_large")


async def test_a_body_without_a_length_is_refused_when_it_gets_too_long(narrow: Person) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        while sent < 600_000_000:
            yield bytes(65_536)
            sent += 65_536

    refused = await narrow.post("/videos", data=endless(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert (refused.status, refused.code) == (413, "upload_too_large")
    assert sent < 100_000_000


async def test_limits_are_told_to_everybody(ann: Person, nobody: Person, settings: Settings) -> None:
    for person in (ann, nobody):
        answer = await person.get("/uploads/limits")
        assert answer.status == 200
        assert answer.body["max_bytes"] == settings.upload_max_bytes
        assert answer.body["max_duration_ms"] == 180_000
        assert answer.body["remaining_today"] is None
        # Named for people, and by the demuxer that the job opens such a file with.
        assert answer.body["accepted_types"] == list(CONTAINERS)
        assert set(CONTAINERS.values()) <= set(OPTIONS["format_whitelist"].split(","))


async def test_what_came_before_a_body_broke_off_is_read() -> None:
    """The only way to these bytes is a part of aiohttp that it does not promise: this test holds it."""
    loop = asyncio.get_running_loop()
    body = aiohttp.StreamReader(BaseProtocol(loop), limit=65_536, loop=loop)
    app = web.Application()
    app[PATIENCE] = Patience()
    reading = chunks(make_mocked_request("PATCH", "/", payload=body, app=app))
    body.feed_data(b"read")
    assert await anext(reading) == b"read"
    body.feed_data(b"came ")
    body.feed_data(b"unread")
    body.set_exception(ConnectionResetError())
    assert await anext(reading) == b"came unread"
    with pytest.raises(BodyCut):
        await anext(reading)
