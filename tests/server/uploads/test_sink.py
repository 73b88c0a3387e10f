"""Whatever the sizes of requests, the store ends with the file; memory and objects stay few."""

import asyncio
import hashlib
import os
import random
import tracemalloc
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.settings import Settings
from server.uploads import actions
from server.uploads.gate import HELD_BYTES
from server.uploads.sink import FAN_IN
from server.uploads.tus import OffsetMismatch
from server.uploads.wire import Tail
from storage.objects import PART_BYTES
from tests import rooms
from tests.people import Person
from tests.resumable import Resumable, checksum, column, desk, objects, original, pieces

MEBIBYTE = 1 << 20


def content(size: int) -> bytes:
    """Bytes that no other upload has, and that tell when two parts change places."""
    seed = os.urandom(16)
    return b"".join(hashlib.sha256(seed + number.to_bytes(4)).digest() * 2048 for number in range(-(-size // 65_536)))[:size]


async def tails(upload: Resumable) -> list[Tail]:
    return msgspec.json.decode(await column(upload, "tails"), type=list[Tail])


async def same(upload: Resumable, video_id: str) -> bool:
    return hashlib.sha256(await original(upload.person.client, video_id)).digest() == hashlib.sha256(upload.data).digest()


@pytest.mark.parametrize("seed", range(3))
async def test_requests_of_any_size_become_the_file(ann: Person, seed: int) -> None:
    chance = random.Random(seed)
    upload = Resumable(ann, content(chance.randrange(1, 20 * MEBIBYTE)))
    await upload.create()
    offset, video_id = 0, ""
    while not video_id:
        largest = chance.choice([10, 100_000, 3 * MEBIBYTE, 20 * MEBIBYTE])
        data = upload.data[offset : offset + chance.randrange(1, largest)]
        headers = checksum(data) if chance.random() < 0.3 else {}
        if chance.random() < 0.2:
            assert (await upload.patch(offset, data, headers=checksum(b"no"))).status == 460
        answer = await upload.patch(offset, pieces(data) if chance.random() < 0.3 else data, headers=headers)
        assert answer.status == 204, answer.body
        offset = int(answer.headers["Upload-Offset"])
        video_id = answer.headers.get("Video-Id", "")
    assert offset == len(upload.data)
    assert await same(upload, video_id)


@pytest.mark.parametrize("size", [PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES])
async def test_files_that_end_at_a_part_or_beside_it(ann: Person, size: int) -> None:
    for first in (size, PART_BYTES // 2):
        upload = Resumable(ann, content(size))
        await upload.create()
        answer = await upload.patch(0, upload.data[:first])
        if first < size:
            answer = await upload.patch(first, upload.data[first:])
        assert await same(upload, answer.headers["Video-Id"])


async def test_tails_become_a_part_when_they_fill_one(ann: Person) -> None:
    upload = Resumable(ann, content(12 * MEBIBYTE))
    await upload.create()
    for start in range(0, 9 * MEBIBYTE, 3 * MEBIBYTE):
        await upload.patch(start, upload.data[start : start + 3 * MEBIBYTE])
    assert [tail.bytes for tail in await tails(upload)] == [MEBIBYTE]
    assert len(await objects(ann.client, upload.url)) == 1
    done = await upload.patch(9 * MEBIBYTE, upload.data[9 * MEBIBYTE :])
    assert await same(upload, done.headers["Video-Id"])


async def test_many_small_requests_leave_few_tails(ann: Person) -> None:
    requests = FAN_IN * FAN_IN + 3
    upload = Resumable(ann, content(requests + 1))
    await upload.create()
    for offset in range(requests):
        assert (await upload.patch(offset, upload.data[offset : offset + 1])).status == 204
    found = await tails(upload)
    assert [(tail.level, tail.bytes) for tail in found] == [(2, FAN_IN * FAN_IN), (0, 1), (0, 1), (0, 1)]
    assert sorted(await objects(ann.client, upload.url)) == sorted(tail.key for tail in found)
    done = await upload.patch(requests, upload.data[requests:])
    assert await same(upload, done.headers["Video-Id"])


async def test_two_processes_take_turns(ann: Person, aiohttp_client: AiohttpClient, settings: Settings) -> None:
    other = await rooms.serve(aiohttp_client, settings)
    both = [ann, Person(other, ann.id, access=ann.access)]
    upload = Resumable(ann, content(20 * MEBIBYTE))
    await upload.create()
    offset, turn = 0, 0
    while offset < len(upload.data):
        answer = await upload.patch(offset, upload.data[offset : offset + 3_333_333], person=both[turn % 2])
        offset, turn = int(answer.headers["Upload-Offset"]), turn + 1
        assert int((await upload.head(both[turn % 2])).headers["Upload-Offset"]) == offset
    assert await same(upload, answer.headers["Video-Id"])


async def test_whole_parts_of_a_request_that_never_ends_are_safe(ann: Person) -> None:
    """What a kill -9 would leave: nothing but what was counted by then."""
    upload = Resumable(ann, content(3 * PART_BYTES))
    await upload.create()
    gone = asyncio.Event()

    async def stalls() -> AsyncIterator[bytes]:
        async for piece in pieces(upload.data[: 2 * PART_BYTES + 100]):
            yield piece
        await gone.wait()

    stalled = asyncio.create_task(upload.patch(0, stalls()))
    # A part is counted when the next one is full.
    await upload.reaches(PART_BYTES)
    done = await upload.patch(PART_BYTES, upload.data[PART_BYTES:])
    gone.set()
    assert (await stalled).code == "offset_mismatch"
    assert await same(upload, done.headers["Video-Id"])


async def test_a_wrong_checksum_over_several_parts_leaves_the_upload_as_it_was(ann: Person) -> None:
    upload = Resumable(ann, content(4 * PART_BYTES + 5))
    await upload.create()
    await upload.patch(0, upload.data[:100])
    wrong = bytes(2 * PART_BYTES)
    assert (await upload.patch(100, wrong, headers=checksum(b"other"))).status == 460
    assert await upload.offset() == 100
    done = await upload.patch(100, upload.data[100:], headers=checksum(upload.data[100:]))
    assert await same(upload, done.headers["Video-Id"])


async def test_memory_stays_flat_whatever_is_uploaded(ann: Person) -> None:
    size, piece = 64 * MEBIBYTE, os.urandom(65_536)

    async def large() -> AsyncIterator[bytes]:
        for _ in range(size // len(piece)):
            yield piece

    upload = Resumable(ann)
    await upload.create(length=size)
    tracemalloc.start()
    try:
        answer = await upload.patch(0, large())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.headers["Video-Id"]
    # One part being filled, one on its way, one on its way through the client library.
    assert peak < 4 * PART_BYTES


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("verified", [True, False])
async def test_where_memory_is_short_bytes_are_put_away_early(ann: Person, *, verified: bool, right: bool) -> None:
    gate = desk(ann.client).gate
    upload = Resumable(ann, content(11 * MEBIBYTE))
    await upload.create()
    gate.hold(HELD_BYTES)
    try:
        headers = checksum(upload.data[: 5 * MEBIBYTE] if right else b"other") if verified else {}
        answer = await upload.patch(0, pieces(upload.data[: 5 * MEBIBYTE]), headers=headers)
        kept = right or not verified
        assert answer.status == (204 if kept else 460)
        found = await tails(upload)
        assert len(found) == (5 if kept else 0)
        assert sorted(await objects(ann.client, upload.url)) == sorted(tail.key for tail in found)
        start = await upload.offset()
        done = await upload.patch(start, pieces(upload.data[start:]))
        assert gate.held == HELD_BYTES
    finally:
        gate.release(HELD_BYTES)
    assert await same(upload, done.headers["Video-Id"])


async def test_a_request_that_was_overtaken_leaves_no_object(ann: Person) -> None:
    upload = Resumable(ann, content(1000))
    await upload.create()
    at_work = desk(ann.client)
    assert ann.id is not None
    older = await actions.resume(at_work, ann.id, UUID(upload.url[-36:]), 0, 1000)
    newer = await actions.resume(at_work, ann.id, UUID(upload.url[-36:]), 0, 1000)
    for data in (upload.data[:500], upload.data):
        with pytest.raises(OffsetMismatch):
            await actions.receive(at_work, older, pieces(data))
        assert await objects(ann.client, upload.url) == []
    done = await actions.receive(at_work, newer, pieces(upload.data))
    assert await same(upload, str(done.video_id))


async def test_a_part_that_is_cancelled_before_it_begins_is_no_longer_held(ann: Person) -> None:
    upload = Resumable(ann, content(2 * PART_BYTES))
    await upload.create()
    at_work = desk(ann.client)
    assert ann.id is not None
    before = at_work.gate.held
    async with at_work.sink(await actions.resume(at_work, ann.id, UUID(upload.url[-36:]), 0, 0)) as sink:
        await sink.write(upload.data[:PART_BYTES])  # nothing in it waits: the part has not begun when the sink is left
        assert at_work.gate.held == before + PART_BYTES
    assert at_work.gate.held == before
