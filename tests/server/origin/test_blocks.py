"""A thousand who want a cold object are one read of the store."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from server.origin import blocks as module
from server.origin.blocks import BLOCK_BYTES, Blocks, Place
from server.settings import Settings
from storage.objects import Body, ObjectMissing, ObjectStore, StoreUnavailable
from tests.waiting import until


class Watched(ObjectStore):
    """Counts what is read, and breaks off or waits where it is told to."""

    reads: list[int]
    held_up: set[str]
    go: asyncio.Event
    breaks: int = 0

    @asynccontextmanager
    async def get(self, bucket: str, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[Body]:
        self.reads.append(start)
        if key in self.held_up:
            await self.go.wait()
        async with super().get(bucket, key, start, stop) as body:
            yield Body(body.size, body.etag, self._torn(body.chunks)) if self.breaks else body

    async def _torn(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        self.breaks -= 1
        async for chunk in chunks:
            yield chunk
            raise StoreUnavailable("cut")


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Watched]:
    keys = (settings.s3_access_key_id, settings.s3_secret_access_key)
    async with Watched.open(settings.s3_endpoint_url, settings.s3_region, *keys) as found:
        assert isinstance(found, Watched)
        found.reads, found.held_up, found.go = [], set(), asyncio.Event()
        yield found


@pytest.fixture
async def blocks(store: Watched, settings: Settings) -> AsyncIterator[Blocks]:
    found = Blocks(store, settings.s3_bucket)
    yield found
    await found.close()


async def stored(store: ObjectStore, settings: Settings, data: bytes) -> str:
    key = f"test/{uuid4()}"
    await store.put(settings.s3_bucket, key, data, content_type="video/mp4")
    return key


async def read(blocks: Blocks, key: str, start: int, stop: int) -> bytes:
    return b"".join([chunk async for chunk in blocks.stream(Place(key), start, stop)])


async def test_a_herd_reads_each_block_once(store: Watched, blocks: Blocks, settings: Settings) -> None:
    data = os.urandom(BLOCK_BYTES + 1_000_000)
    key = await stored(store, settings, data)

    async def digest() -> bytes:
        found = hashlib.sha256()
        async for chunk in blocks.stream(Place(key), 0, await blocks.size(Place(key))):
            found.update(chunk)
            await asyncio.sleep(0)
        return found.digest()

    assert set(await asyncio.gather(*(digest() for _ in range(200)))) == {hashlib.sha256(data).digest()}
    assert await digest()
    assert store.reads == [0, BLOCK_BYTES]


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, 1), (5, 5), (BLOCK_BYTES - 2, BLOCK_BYTES + 2), (BLOCK_BYTES, BLOCK_BYTES + 1), (300_000, BLOCK_BYTES + 100)],
)
async def test_any_stretch_is_cut_out_of_the_blocks(
    store: Watched, blocks: Blocks, settings: Settings, start: int, stop: int
) -> None:
    data = os.urandom(BLOCK_BYTES + 100)
    key = await stored(store, settings, data)
    assert await read(blocks, key, start, stop) == data[start:stop]


async def test_a_store_that_breaks_off_is_asked_for_the_rest(store: Watched, blocks: Blocks, settings: Settings) -> None:
    data = os.urandom(2_000_000)
    key = await stored(store, settings, data)
    store.breaks = 2
    assert await read(blocks, key, 0, len(data)) == data
    assert len(store.reads) == 3
    assert store.reads == sorted(set(store.reads))


async def test_a_store_that_keeps_breaking_off_is_told_to_all_and_tried_anew(
    store: Watched, blocks: Blocks, settings: Settings
) -> None:
    data = os.urandom(3_000_000)
    key = await stored(store, settings, data)
    store.breaks = module.TRIES
    herd = await asyncio.gather(*(read(blocks, key, 0, len(data)) for _ in range(5)), return_exceptions=True)
    assert [type(error) for error in herd] == [StoreUnavailable] * 5
    assert await read(blocks, key, 0, len(data)) == data


async def test_what_is_missing_is_missing_for_all_and_not_remembered(store: Watched, blocks: Blocks, settings: Settings) -> None:
    key = f"test/{uuid4()}"
    herd = await asyncio.gather(*(blocks.size(Place(key)) for _ in range(5)), return_exceptions=True)
    assert [type(error) for error in herd] == [ObjectMissing] * 5
    with pytest.raises(ObjectMissing):
        await blocks.ask_size(Place(key))
    await store.put(settings.s3_bucket, key, b"there", content_type="x/y")
    assert (await blocks.size(Place(key)), await blocks.ask_size(Place(key))) == (5, 5)


async def test_an_empty_object_is_empty(store: Watched, blocks: Blocks, settings: Settings) -> None:
    key = await stored(store, settings, b"")
    assert await blocks.size(Place(key)) == 0
    assert await read(blocks, key, 0, 0) == b""


async def test_what_videos_have_in_common_is_read_for_each(store: Watched, blocks: Blocks, settings: Settings) -> None:
    key = await stored(store, settings, b"some")
    for video_id in (one := uuid4(), uuid4(), one):
        assert b"".join([chunk async for chunk in blocks.stream(Place(key, video_id), 0, 4)]) == b"some"
    assert store.reads == [0, 0]


async def test_only_so_much_is_kept(store: Watched, blocks: Blocks, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 2_500_000)
    keys = [await stored(store, settings, os.urandom(1_000_000)) for _ in range(3)]
    for key in (*keys, keys[2], keys[1], keys[0]):
        await read(blocks, key, 0, 1_000_000)
    assert len(store.reads) == 4


async def test_a_block_that_is_still_arriving_is_not_read_again(
    store: Watched, blocks: Blocks, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 1_000_000)
    data = os.urandom(1_000_000)
    slow, *others = [await stored(store, settings, data) for _ in range(4)]
    store.held_up.add(slow)
    first = asyncio.create_task(read(blocks, slow, 0, len(data)))
    await until(lambda: len(store.reads) == 1, "the slow read")
    for key in others:
        await read(blocks, key, 0, len(data))
    second = asyncio.create_task(read(blocks, slow, 0, len(data)))
    await read(blocks, others[-1], 0, len(data))
    store.go.set()
    assert (await first, await second) == (data, data)
    assert len(store.reads) == 4


async def test_only_so_many_blocks_are_read_at_once(store: Watched, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FILLS_AT_ONCE", 2)
    blocks = Blocks(store, settings.s3_bucket)
    keys = [await stored(store, settings, b"some") for _ in range(5)]
    store.held_up.update(keys)
    reading = [asyncio.create_task(read(blocks, key, 0, 4)) for key in keys]
    await until(lambda: len(store.reads) == 2, "two reads")
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(store.reads) == 2
    store.go.set()
    assert await asyncio.gather(*reading) == [b"some"] * 5
    await blocks.close()


async def test_a_store_that_never_ends_a_block_is_away(
    store: Watched, blocks: Blocks, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FILL_SECONDS", 0.1)
    key = await stored(store, settings, b"some")
    store.held_up.add(key)
    with pytest.raises(StoreUnavailable):
        await read(blocks, key, 0, 4)
