"""The object store on a real S3 server, and on servers that are down, frozen or full."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from server.settings import Settings
from storage.objects import (
    CONNECTIONS,
    PART_BYTES,
    ObjectMissing,
    ObjectStore,
    RangeBeyond,
    SentPart,
    StoreFull,
    StoreUnavailable,
)
from tests.bad_s3 import Answers, broken, error, full, s3_that, torn

TYPE = "video/mp4"


async def test_what_was_put_is_there_with_its_facts(store: ObjectStore, bucket: str, place: str) -> None:
    await store.put(bucket, place + "a", b"hello", content_type=TYPE, cache_control="no-cache")
    facts = await store.head(bucket, place + "a")
    assert facts is not None
    assert (facts.size, facts.content_type) == (5, TYPE)
    async with store.get(bucket, place + "a") as body:
        assert (body.size, body.etag) == (5, facts.etag)
        assert b"".join([chunk async for chunk in body.chunks]) == b"hello"


async def test_ranges_tell_the_size_of_the_whole(store: ObjectStore, bucket: str, place: str) -> None:
    await store.put(bucket, place + "a", b"0123456789", content_type=TYPE)
    async with store.get(bucket, place + "a", 2, 5) as body:
        assert body.size == 10
        assert [chunk async for chunk in body.chunks] == [b"234"]
    assert await store.read(bucket, place + "a", 7) == b"789"
    assert await store.read(bucket, place + "a", 7, 100) == b"789"
    with pytest.raises(RangeBeyond):
        await store.read(bucket, place + "a", 10)


async def test_what_is_not_there_is_missing(store: ObjectStore, bucket: str, place: str) -> None:
    assert await store.head(bucket, place + "no") is None
    for call in (store.read(bucket, place + "no"), store.read("no-such-bucket", "x"), store.check("no-such-bucket")):
        with pytest.raises(ObjectMissing):
            await call


async def test_buckets_are_made_once(store: ObjectStore, bucket: str) -> None:
    await store.ensure_bucket(bucket)
    await store.check(bucket)


async def test_bodies_that_nobody_reads_do_not_hold_the_connections(store: ObjectStore, bucket: str, place: str) -> None:
    await store.put(bucket, place + "big", bytes(2_000_000), content_type=TYPE)
    for _ in range(CONNECTIONS + 5):
        async with store.get(bucket, place + "big") as body:
            async for _chunk in body.chunks:
                break
    assert await store.read(bucket, place + "big", 0, 3) == bytes(3)


async def test_a_multipart_upload_is_what_its_named_parts_are(store: ObjectStore, bucket: str, place: str) -> None:
    key = place + "m"
    upload = await store.create_multipart(bucket, key, content_type=TYPE)
    first = await store.upload_part(bucket, key, upload, 1, b"1" * PART_BYTES)
    await store.upload_part(bucket, key, upload, 2, b"2" * PART_BYTES)
    last = await store.upload_part(bucket, key, upload, 3, b"3")
    assert await store.head(bucket, key) is None
    for _ in range(2):  # a job that was killed completes it again
        await store.complete_multipart(bucket, key, upload, [first, last])
    assert await store.read(bucket, key, PART_BYTES - 2) == b"113"
    with pytest.raises(ObjectMissing):
        await store.upload_part(bucket, key, upload, 4, b"late")


async def test_an_aborted_upload_cannot_be_completed(store: ObjectStore, bucket: str, place: str) -> None:
    upload = await store.create_multipart(bucket, place + "m", content_type=TYPE)
    part = await store.upload_part(bucket, place + "m", upload, 1, b"x")
    for _ in range(2):
        await store.abort_multipart(bucket, place + "m", upload)
    with pytest.raises(ObjectMissing):
        await store.complete_multipart(bucket, place + "m", upload, [part])


async def test_completing_what_the_server_has_forgotten_is_fine_when_the_object_is_there(
    store: ObjectStore, bucket: str, place: str
) -> None:
    await store.put(bucket, place + "m", b"whole", content_type=TYPE)
    await store.complete_multipart(bucket, place + "m", "0123456789abcdef", [SentPart(1, '"e"')])


@pytest.mark.parametrize("size", [0, 1, 2 * PART_BYTES + 1, 3 * PART_BYTES])
async def test_files_come_back_as_they_went(store: ObjectStore, bucket: str, place: str, tmp_path: Path, size: int) -> None:
    data = (b"%07d\n" % 7) * (size // 8) + b"." * (size % 8)
    (tmp_path / "out").write_bytes(data)
    await store.put_file(bucket, place + "f", tmp_path / "out", content_type=TYPE)
    facts = await store.download(bucket, place + "f", tmp_path / "in")
    assert facts.size == size
    assert (tmp_path / "in").read_bytes() == data


async def test_everything_below_a_prefix_goes_and_nothing_else(store: ObjectStore, bucket: str, place: str) -> None:
    for name in ("a/1", "a/2", "a/b/3", "ab", "b"):
        await store.put(bucket, place + name, b"x", content_type=TYPE)
    upload = await store.create_multipart(bucket, place + "a/4", content_type=TYPE)
    await store.upload_part(bucket, place + "a/4", upload, 1, b"x")
    for _ in range(2):
        await store.delete_prefix(bucket, place + "a/")
    assert [key async for key in store.list_prefix(bucket, place)] == [place + "ab", place + "b"]
    with pytest.raises(ObjectMissing):
        await store.upload_part(bucket, place + "a/4", upload, 2, b"x")


@asynccontextmanager
async def store_on(answers: Answers, patience: float = 0.6) -> AsyncIterator[ObjectStore]:
    async with s3_that(answers) as url, ObjectStore.open(url, "us-east-1", "k", "s", patience=patience) as found:
        yield found


async def test_a_server_that_is_down_is_unavailable_in_time() -> None:
    async with ObjectStore.open("http://127.0.0.1:9", "us-east-1", "k", "s", patience=0.5) as down:
        with pytest.raises(StoreUnavailable):
            await down.head("b", "k")


async def test_a_server_that_answers_nothing_is_unavailable_in_time() -> None:
    async def silence(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with store_on(silence) as frozen:
        with pytest.raises(StoreUnavailable):
            await frozen.put("b", "k", b"x", content_type=TYPE)


async def test_a_passing_failure_is_tried_again() -> None:
    asked = []

    async def moody(request: web.Request) -> web.Response:
        asked.append(request.method)
        return error(503, "SlowDown") if len(asked) < 3 else web.Response(headers={"ETag": '"e"'}, body=b"ok")

    async with store_on(moody, patience=60) as found:
        assert await found.read("b", "k") == b"ok"
    assert len(asked) == 3


async def says_it_is_full(request: web.Request) -> web.Response:
    return error(507, "XMinioStorageFull")


@pytest.mark.parametrize("answers", [full, says_it_is_full])
async def test_a_server_that_answers_but_takes_no_bytes_is_full(answers: Answers) -> None:
    async with store_on(answers, patience=3) as found:
        with pytest.raises(StoreFull):
            await found.put("b", "k", b"x", content_type=TYPE)


async def test_an_answer_counts_although_the_patience_ends_in_the_midst_of_the_next_try() -> None:
    asked = []

    async def then_silent(request: web.Request) -> web.StreamResponse:
        if request.method == "PUT":
            asked.append(request)
            if len(asked) > 1:
                await asyncio.Event().wait()
        return await full(request)

    async with store_on(then_silent, patience=3) as found:
        with pytest.raises(StoreFull):
            await found.put("b", "k", b"x", content_type=TYPE)


async def test_a_server_that_fails_at_everything_is_not_full_but_unavailable() -> None:
    async with store_on(broken) as found:
        with pytest.raises(StoreUnavailable) as caught:
            await found.put("b", "k", b"x", content_type=TYPE)
    assert not isinstance(caught.value, StoreFull)


async def test_a_body_that_breaks_off_is_unavailable_and_not_short() -> None:
    async with store_on(torn) as found:
        with pytest.raises(StoreUnavailable):
            await found.read("b", "k")


async def test_a_refused_key_is_unavailable_at_once(settings: Settings) -> None:
    keys = (settings.s3_access_key_id, "wrong")
    async with ObjectStore.open(settings.s3_endpoint_url, settings.s3_region, *keys, patience=60) as stranger:
        with pytest.raises(StoreUnavailable, match="refuses our key"):
            await stranger.head(settings.s3_raw_bucket, "k")


async def test_unfinished_uploads_are_listed_in_pages(store: ObjectStore, bucket: str, place: str) -> None:
    begun = {(key, await store.create_multipart(bucket, key, content_type=TYPE)) for key in [place + "a", place + "b"] * 3}
    other = place.replace("test/", "test/1")
    await store.create_multipart(bucket, other + "a", content_type=TYPE)
    over = await store.create_multipart(bucket, other + "b", content_type=TYPE)
    part = await store.upload_part(bucket, other + "b", over, 1, b"x")
    await store.complete_multipart(bucket, other + "b", over, [part])
    for limit in (1, 2, 1000):
        listed, after, pages = [], "", 0
        while after or not pages:
            page = await store.unfinished(bucket, place, after, limit)
            assert len(page.uploads) <= limit
            listed += page.uploads
            after, pages = page.after, pages + 1
        assert {(one.key, one.upload) for one in listed} == begun
        assert len(listed) == len(begun)
    assert all(abs(datetime.now(UTC) - one.begun) < timedelta(minutes=10) for one in listed)
    await store.delete_prefix(bucket, place, (place + "b",))
    assert {one.key for one in (await store.unfinished(bucket, place)).uploads} == {place + "b"}
    assert [one.key for one in (await store.unfinished(bucket, other)).uploads] == [other + "a"]
    for prefix in (place, other):
        await store.delete_prefix(bucket, prefix)
        assert (await store.unfinished(bucket, prefix)).uploads == []
