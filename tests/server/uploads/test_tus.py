"""The tus protocol, rule by rule (tus.io/protocols/resumable-upload)."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime

import pytest

from server.settings import Settings
from tests.people import Person
from tests.resumable import BODY, PATH, VERSION, Resumable, checksum, column, metadata, objects, original, pieces

NOBODY = "0190163d-8694-739b-aea5-966c26f8ad90"


def content(size: int) -> bytes:
    """Bytes that no other upload has."""
    return os.urandom(min(size, 64)) + bytes(max(0, size - 64))


@pytest.fixture
async def begun(ann: Person) -> Resumable:
    """An upload of 1,000 bytes, of which 400 are there."""
    upload = Resumable(ann, content(1000), title="begun")
    assert (await upload.create()).status == 201
    assert (await upload.patch(0, upload.data[:400])).status == 204
    return upload


async def test_options_tell_what_is_offered_to_anybody(nobody: Person, settings: Settings) -> None:
    for path in (PATH, f"{PATH}/{NOBODY}"):
        answer = await nobody.call("OPTIONS", path)
        assert answer.status == 204
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert answer.headers["Tus-Max-Size"] == str(settings.upload_max_bytes)
        extensions = {"creation", "creation-with-upload", "expiration", "checksum", "termination"}
        assert set(answer.headers["Tus-Extension"].split(",")) == extensions
        assert set(answer.headers["Tus-Checksum-Algorithm"].split(",")) == {"sha1", "sha256"}


async def test_an_upload_in_pieces_becomes_a_video(ann: Person) -> None:
    upload = Resumable(
        ann, content(10_000), title="hello #tus", visibility="private", filename="../../x.mp4", filetype="text/html"
    )
    made = await upload.create()
    assert (made.status, made.headers["Upload-Offset"]) == (201, "0")
    assert upload.url.startswith("/api/v1/uploads/")
    for start in range(0, 10_000, 3000):
        answer = await upload.patch(start, upload.data[start : start + 3000])
        assert (answer.status, int(answer.headers["Upload-Offset"])) == (204, min(start + 3000, 10_000))
        assert ("Video-Id" in answer.headers) == (start == 9000)
    video = (await ann.get(f"/videos/{answer.headers['Video-Id']}")).body
    assert (video["title"], video["hashtags"], video["visibility"], video["status"]) == (
        "hello #tus",
        ["tus"],
        "private",
        "uploaded",
    )
    assert await original(ann.client, video["id"]) == upload.data
    assert await objects(ann.client, upload.url) == [f"uploads/{upload.url[-36:]}/5"]


async def test_creation_with_upload_is_one_request(ann: Person) -> None:
    upload = Resumable(ann, content(5000))
    answer = await upload.create(upload.data)
    assert (answer.status, answer.headers["Upload-Offset"]) == (201, "5000")
    assert await original(ann.client, answer.headers["Video-Id"]) == upload.data


async def test_creation_with_the_first_bytes_goes_on_with_the_others(ann: Person) -> None:
    upload = Resumable(ann, content(5000))
    answer = await upload.create(upload.data[:2000])
    assert (answer.status, answer.headers["Upload-Offset"], "Video-Id" in answer.headers) == (201, "2000", False)
    answer = await upload.patch(2000, upload.data[2000:])
    assert await original(ann.client, answer.headers["Video-Id"]) == upload.data


async def test_a_body_whose_length_is_not_announced_will_do(ann: Person) -> None:
    upload = Resumable(ann, content(300_000))
    await upload.create()
    answer = await upload.patch(0, pieces(upload.data))
    assert await original(ann.client, answer.headers["Video-Id"]) == upload.data


async def test_head_tells_how_far_it_is_and_is_never_cached(begun: Resumable) -> None:
    answer = await begun.head()
    assert (answer.status, answer.headers["Upload-Offset"], answer.headers["Upload-Length"]) == (200, "400", "1000")
    assert answer.headers["Cache-Control"] == "no-store"
    assert parsedate_to_datetime(answer.headers["Upload-Expires"]).tzinfo is not None


@pytest.mark.parametrize("offset", [0, 399, 401, 1000])
async def test_bytes_that_begin_elsewhere_are_refused(begun: Resumable, offset: int) -> None:
    refused = await begun.patch(offset, b"")
    assert (refused.status, refused.code) == (409, "offset_mismatch")
    if offset < 1000:
        refused = await begun.patch(offset, b"x")
        assert (refused.status, refused.code) == (409, "offset_mismatch")
    assert await begun.offset() == 400


async def test_the_lost_answer_to_the_last_byte_can_be_asked_for_again(begun: Resumable) -> None:
    done = await begun.patch(400, begun.data[400:])
    for again in (await begun.head(), await begun.patch(1000, b"")):
        assert again.status in (200, 204)
        assert (again.headers["Upload-Offset"], again.headers["Video-Id"]) == ("1000", done.headers["Video-Id"])
        assert "Video-Duplicate" not in again.headers
        assert "Upload-Expires" not in again.headers
    assert (await begun.patch(1000, b"more")).code == "upload_too_large"
    assert (await begun.patch(400, b"x")).code == "offset_mismatch"


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE", "POST"])
async def test_another_version_of_tus_is_refused(begun: Resumable, method: str) -> None:
    path = PATH if method == "POST" else begun.url
    none: tuple[dict[str, str], ...] = ({}, {"Tus-Resumable": ""}, {"Tus-Resumable": "AAA"}, {"Tus-Resumable": "0.5"})
    for headers in ({"Tus-Resumable": "0.2.2"}, {"Tus-Resumable": "2.0.0"}, *none):
        refused = await begun.person.call(method, path, headers={**BODY, "Upload-Offset": "400", "Upload-Length": "1", **headers})
        status, code = (400, "malformed") if headers in none else (412, "unsupported_version")
        assert (refused.status, refused.headers["Tus-Version"]) == (status, "1.0.0")
        assert method == "HEAD" or refused.code == code
    assert await begun.offset() == 400


async def test_every_answer_says_which_tus_is_spoken(begun: Resumable, nobody: Person) -> None:
    answers = [
        await begun.head(),
        await begun.patch(1, b""),
        await nobody.call("HEAD", begun.url, headers=VERSION),
        await nobody.call("PUT", begun.url),
        await nobody.call("PATCH", begun.url, headers={"Authorization": "Bearer rubbish"}),
        await begun.person.call("HEAD", f"{PATH}/{NOBODY}", headers=VERSION),
    ]
    assert [answer.headers.get("Tus-Resumable") for answer in answers] == ["1.0.0"] * 6
    assert [answer.status for answer in answers] == [200, 409, 401, 405, 401, 404]


@pytest.mark.parametrize("kind", ["text/plain", "application/json", ""])
async def test_bytes_of_another_media_type_are_refused(begun: Resumable, kind: str) -> None:
    refused = await begun.patch(400, b"x", headers={"Content-Type": kind or "application/octet-stream"})
    assert (refused.status, refused.code) == (415, "wrong_media_type")
    refused = await Resumable(begun.person, b"x").create(b"x", headers={"Content-Type": kind or "application/octet-stream"})
    assert (refused.status, refused.code) == (415, "wrong_media_type")


@pytest.mark.parametrize("offset", ["", "-1", "+400", "4e2", "0x10", "٤٠٠", "9" * 30])
async def test_an_offset_that_is_no_number_is_malformed(begun: Resumable, offset: str) -> None:
    refused = await begun.patch(0, b"x", headers={"Upload-Offset": offset})
    assert (refused.status, refused.code) == (400, "malformed")


@pytest.mark.parametrize("length", ["", "-5", "many", "1.0", "9" * 30])
async def test_a_length_that_is_no_number_is_malformed(ann: Person, length: str) -> None:
    refused = await Resumable(ann).create(headers={"Upload-Length": length})
    assert (refused.status, refused.code) == (400, "malformed")


@pytest.mark.parametrize("header", ["Upload-Defer-Length", "Upload-Concat"])
async def test_extensions_that_are_not_offered_are_refused(ann: Person, header: str) -> None:
    refused = await Resumable(ann, b"x").create(headers={header: "1"})
    assert (refused.status, refused.code, refused.fields) == (422, "invalid", {header})


async def test_no_bytes_are_no_upload(ann: Person) -> None:
    refused = await Resumable(ann).create()
    assert (refused.status, refused.code, refused.fields) == (422, "invalid", {"file"})


async def test_an_upload_that_announces_too_much_is_refused_at_once(ann: Person, settings: Settings) -> None:
    # 413 comes before 422.
    refused = await Resumable(ann, title="t" * 151).create(length=settings.upload_max_bytes + 1)
    assert (refused.status, refused.code) == (413, "upload_too_large")
    assert (await Resumable(ann).create(length=settings.upload_max_bytes)).status == 201


async def test_more_bytes_than_were_announced_are_refused_and_not_kept(begun: Resumable) -> None:
    for body in (bytes(601), pieces(bytes(200_000))):
        refused = await begun.patch(400, body)
        assert (refused.status, refused.code) == (413, "upload_too_large")
    assert await begun.offset() == 400
    assert (await begun.patch(400, begun.data[400:])).headers["Video-Id"]


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
async def test_a_right_checksum_is_taken(begun: Resumable, kind: str) -> None:
    answer = await begun.patch(400, begun.data[400:700], headers=checksum(begun.data[400:700], kind))
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, "700")


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
async def test_a_wrong_checksum_leaves_the_upload_as_it_was(begun: Resumable, kind: str) -> None:
    for data in (begun.data[400:700], begun.data[400:]):
        refused = await begun.patch(400, data, headers=checksum(b"other", kind))
        assert (refused.status, refused.code) == (460, "checksum_mismatch")
        assert await begun.offset() == 400
    done = await begun.patch(400, begun.data[400:], headers=checksum(begun.data[400:], kind))
    assert await original(begun.person.client, done.headers["Video-Id"]) == begun.data


@pytest.mark.parametrize(
    "text", ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha256", "sha256 !!!", "sha1 AAAA", "", "SHA1 2jmj7l5rSw0yVb/vlWAYkK/YBwk="]
)
async def test_a_checksum_that_cannot_be_is_malformed(begun: Resumable, text: str) -> None:
    refused = await begun.patch(400, b"x", headers={"Upload-Checksum": text})
    assert (refused.status, refused.code) == (400, "malformed")
    assert await begun.offset() == 400


async def test_a_wrong_checksum_at_the_creation_leaves_nothing(ann: Person) -> None:
    upload = Resumable(ann, content(3000))
    refused = await upload.create(upload.data, headers=checksum(b"other"))
    assert (refused.status, refused.code) == (460, "checksum_mismatch")
    assert "Location" not in refused.headers


async def test_an_upload_of_somebody_else_is_not_there(begun: Resumable, ben: Person) -> None:
    missing = await ben.call("PATCH", f"{PATH}/{NOBODY}", headers={**VERSION, **BODY, "Upload-Offset": "0"})
    assert missing.status == 404
    refused = await begun.patch(400, b"x", person=ben)
    assert (refused.status, refused.body) == (404, missing.body)
    assert (await begun.head(ben)).status == 404
    assert (await begun.delete(ben)).body == missing.body
    assert await begun.offset() == 400


async def test_credentials_come_first(begun: Resumable, nobody: Person) -> None:
    for method, path in (("POST", PATH), ("PATCH", begun.url), ("HEAD", begun.url), ("DELETE", f"{PATH}/{NOBODY}")):
        refused = await nobody.call(method, path, headers={"Tus-Resumable": "0.1"})
        assert refused.status == 401


async def test_what_is_no_id_is_not_there(ann: Person) -> None:
    for path in (f"{PATH}/no-id", f"{PATH}/{NOBODY}"):
        refused = await ann.call("PATCH", path, headers={**VERSION, **BODY, "Upload-Offset": "0"}, data=b"x")
        assert (refused.status, refused.code) == (404, "not_found")


async def test_methods_that_tus_does_not_have_are_refused_before_credentials(nobody: Person) -> None:
    for method, path in (("PUT", PATH), ("GET", f"{PATH}/{NOBODY}"), ("POST", f"{PATH}/{NOBODY}"), ("DELETE", PATH)):
        refused = await nobody.call(method, path)
        assert (refused.status, refused.code) == (405, "method_not_allowed")
        assert refused.headers["Allow"]


async def test_a_header_may_name_the_method(begun: Resumable) -> None:
    ann, override = begun.person, {**VERSION, "X-HTTP-Method-Override": "PATCH"}
    answer = await ann.post(begun.url, data=begun.data[400:500], headers={**override, **BODY, "Upload-Offset": "400"})
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, "500")
    answer = await ann.call("PATCH", begun.url, headers={**VERSION, "X-HTTP-Method-Override": "head"})
    assert (answer.status, answer.headers["Upload-Offset"]) == (200, "500")
    assert (await ann.post(begun.url, headers={**VERSION, "X-HTTP-Method-Override": "DELETE"})).status == 204
    assert (await ann.post(begun.url, headers={**VERSION, "X-HTTP-Method-Override": "TRACE"})).status == 405


async def test_a_terminated_upload_is_gone_with_its_bytes(begun: Resumable) -> None:
    assert await objects(begun.person.client, begun.url)
    assert (await begun.delete()).status == 204
    assert (await begun.head()).status == 410
    for refused in (await begun.patch(400, b"x"), await begun.delete()):
        assert (refused.status, refused.code) == (410, "upload_expired")
    assert await objects(begun.person.client, begun.url) == []


async def test_terminating_a_finished_upload_leaves_its_video(begun: Resumable) -> None:
    done = await begun.patch(400, begun.data[400:])
    assert (await begun.delete()).status == 204
    assert (await begun.head()).status == 404
    assert (await begun.person.get(f"/videos/{done.headers['Video-Id']}")).status == 200
    assert await original(begun.person.client, done.headers["Video-Id"]) == begun.data


@pytest.mark.parametrize(
    "text",
    [
        "title",
        "filename Y2xpcA==,",
        "",
        "is_confidential,type dmlkZW8vbXA0,name Y2xpcA==,relativePath",
        "filename  Y2xpcA== , title aGk=",
    ],
)
async def test_metadata_as_clients_send_them(ann: Person, text: str) -> None:
    assert (await Resumable(ann, b"x").create(headers={"Upload-Metadata": text})).status == 201


@pytest.mark.parametrize("text", ["title !!!", "title aGk=,title aGk=", "ti\u00e9tle aGk=", ",title aGk= x", "title a"])
async def test_metadata_that_cannot_be_parsed_are_malformed(ann: Person, text: str) -> None:
    refused = await Resumable(ann, b"x").create(headers={"Upload-Metadata": text})
    assert (refused.status, refused.code) == (400, "malformed")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "t" * 151),
        ("title", "a\x00b"),
        ("title", "\ud800"),
        ("description", "d" * 2201),
        ("filename", "f" * 256),
        ("filename", "\x00"),
        ("visibility", "everyone"),
        ("visibility", ""),
    ],
)
async def test_metadata_that_are_invalid_name_their_field(ann: Person, field: str, value: str) -> None:
    refused = await Resumable(ann, b"x", **{field: value}).create()
    assert (refused.status, refused.code, refused.fields) == (422, "invalid", {field})


async def test_the_longest_metadata_are_taken(ann: Person) -> None:
    # All are counted in code points: these have four bytes each.
    said = {"title": "\U0001f3ac" * 150, "description": "\U0001f600" * 2200, "filename": "\U0001f984" * 255}
    upload = Resumable(ann, content(10), **said)
    answer = await upload.create(upload.data)
    video = (await ann.get(f"/videos/{answer.headers['Video-Id']}")).body
    assert (video["title"], video["description"]) == (said["title"], said["description"])


async def test_the_same_bytes_again_are_the_same_video(ann: Person, ben: Person) -> None:
    data = content(2000)
    first = await Resumable(ann, data).create(data)
    again = Resumable(ann, data, title="again")
    answer = await again.create(data)
    assert (answer.status, answer.headers["Video-Duplicate"]) == (201, "true")
    assert answer.headers["Video-Id"] == first.headers["Video-Id"]
    told = await again.head()
    assert (told.headers["Video-Id"], told.headers["Video-Duplicate"]) == (first.headers["Video-Id"], "true")
    assert await objects(ann.client, again.url) == []
    other = await Resumable(ben, data).create(data)
    assert other.headers["Video-Id"] != first.headers["Video-Id"]
    assert "Video-Duplicate" not in other.headers


async def test_hashes_are_those_of_the_bytes(begun: Resumable) -> None:
    done = await begun.patch(400, begun.data[400:])
    found = await original(begun.person.client, done.headers["Video-Id"])
    assert hashlib.sha256(found).digest() == hashlib.sha256(begun.data).digest()


async def test_of_six_at_the_same_offset_one_is_taken(begun: Resumable) -> None:
    answers = await asyncio.gather(*(begun.patch(400, begun.data[400:900]) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [204] + [409] * 5
    assert {answer.code for answer in answers if answer.status == 409} == {"offset_mismatch"}
    assert await begun.offset() == 900


async def test_of_six_last_bytes_one_makes_the_video(ann: Person) -> None:
    upload = Resumable(ann, content(5000))
    await upload.create()
    answers = await asyncio.gather(*(upload.patch(0, upload.data) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [204] + [409] * 5
    done = next(answer for answer in answers if answer.status == 204)
    assert await original(ann.client, done.headers["Video-Id"]) == upload.data
    assert len(await objects(ann.client, upload.url)) == 1


async def test_what_came_before_the_connection_broke_is_kept(ann: Person) -> None:
    upload = Resumable(ann, content(400_000))
    await upload.create()
    await upload.cut(0, 150_000)
    await upload.reaches(150_000)
    await upload.cut(150_000, 100_000)
    await upload.reaches(250_000)
    done = await upload.patch(250_000, upload.data[250_000:])
    assert await original(ann.client, done.headers["Video-Id"]) == upload.data


async def test_a_newer_connection_takes_over_from_one_that_hangs(ann: Person) -> None:
    upload = Resumable(ann, content(400_000))
    await upload.create()
    gone = asyncio.Event()

    async def hangs() -> AsyncIterator[bytes]:
        yield upload.data[:100_000]
        await gone.wait()

    old = asyncio.create_task(upload.patch(0, hangs()))
    while await column(upload, "writer") != 2:
        await asyncio.sleep(0.01)
    done = await upload.patch(0, upload.data)
    gone.set()
    assert (done.status, (await old).code) == (204, "offset_mismatch")
    assert await original(ann.client, done.headers["Video-Id"]) == upload.data


async def test_metadata_helper_speaks_as_clients_do() -> None:
    assert metadata(title="hi") == "title aGk="
