"""What goes to the archive is proven on its way there and back, in classes that can be read at once and in those that cannot."""

import hashlib
import secrets
from collections.abc import AsyncIterator

import pytest

from server.settings import Settings
from storage.cold import Cold, Damaged, Spot
from storage.object_errors import ObjectFrozen
from storage.objects import PART_BYTES, ObjectMissing, ObjectStore
from tests.glacier import glacier

SIZES = (0, 1000, PART_BYTES + 1000)


@pytest.fixture(scope="module")
async def store(settings: Settings) -> AsyncIterator[ObjectStore]:
    keys = (settings.s3_access_key_id, settings.s3_secret_access_key)
    async with ObjectStore.open(settings.s3_endpoint_url, settings.s3_region, *keys, patience=20.0) as found:
        yield found


@pytest.fixture(scope="module")
async def frozen() -> AsyncIterator[Cold]:
    async with glacier() as found:
        yield found


@pytest.fixture
def bucket(store: ObjectStore, settings: Settings) -> Cold:
    return Cold(store, settings.s3_archive_bucket)


async def spot(store: ObjectStore, settings: Settings, data: bytes) -> Spot:
    found = Spot(store, settings.s3_bucket, f"cold-test/{secrets.token_hex(8)}")
    await store.put(found.bucket, found.key, data, content_type="video/mp4")
    return found


@pytest.mark.parametrize("size", SIZES)
async def test_an_object_goes_and_comes_back(store: ObjectStore, bucket: Cold, settings: Settings, size: int) -> None:
    data = secrets.token_bytes(size)
    at, sha256 = await spot(store, settings, data), hashlib.sha256(data).hexdigest()
    key = f"cold/{at.key}"
    assert await bucket.keep(at, key, sha256) == size
    assert await bucket.keep(at, key, sha256) == size  # again is fine
    await store.delete(at.bucket, [at.key])
    await bucket.bring(key, at, sha256, content_type="video/mp4")
    assert await store.read(at.bucket, at.key) == data


async def test_what_is_damaged_does_not_go(store: ObjectStore, bucket: Cold, settings: Settings) -> None:
    for size in SIZES[1:]:
        at = await spot(store, settings, secrets.token_bytes(size))
        with pytest.raises(Damaged):
            await bucket.keep(at, f"cold/{at.key}", "0" * 64)
        assert await bucket.find(f"cold/{at.key}") is None
    with pytest.raises(ObjectMissing):
        await bucket.keep(Spot(store, settings.s3_bucket, "cold-test/none"), "cold/none", "0" * 64)


async def test_what_is_damaged_there_is_copied_again_and_does_not_come_back(
    store: ObjectStore, bucket: Cold, settings: Settings
) -> None:
    data = secrets.token_bytes(1000)
    at, sha256 = await spot(store, settings, data), hashlib.sha256(data).hexdigest()
    key = f"cold/{at.key}"
    await bucket.keep(at, key, sha256)
    await store.put(bucket.bucket, key, b"x" * 1000, content_type="video/mp4")
    assert not await bucket.holds(key, sha256)
    await bucket.keep(at, key, sha256)
    assert await bucket.holds(key, sha256)
    await store.put(bucket.bucket, key, b"x" * 1000, content_type="video/mp4")
    await store.delete(at.bucket, [at.key])
    with pytest.raises(Damaged):
        await bucket.bring(key, at, sha256, content_type="video/mp4")
    assert await store.head(at.bucket, at.key) is None
    with pytest.raises(ObjectMissing):
        await bucket.bring("cold/none", at, sha256, content_type="video/mp4")


async def test_what_has_to_be_asked_for_thaws_and_comes_back(store: ObjectStore, frozen: Cold, settings: Settings) -> None:
    for size in SIZES[1:]:
        data = secrets.token_bytes(size)
        at, sha256 = await spot(store, settings, data), hashlib.sha256(data).hexdigest()
        key = f"cold/{at.key}"
        assert await frozen.keep(at, key, sha256) == size
        with pytest.raises(ObjectFrozen):
            await frozen.store.read(frozen.bucket, key)
        await store.delete(at.bucket, [at.key])
        with pytest.raises(ObjectFrozen):
            await frozen.bring(key, at, sha256, content_type="video/mp4")
        await frozen.ask(key)
        await frozen.ask(key)
        while True:
            try:
                await frozen.bring(key, at, sha256, content_type="video/mp4")
                break
            except ObjectFrozen:
                continue
        assert await store.read(at.bucket, at.key) == data


async def test_a_server_that_only_accepts_the_name_of_a_class_is_read_at_once(store: ObjectStore, settings: Settings) -> None:
    """As SeaweedFS, which knows no call to ask for what is frozen: nothing there is."""
    named, data = Cold(store, settings.s3_archive_bucket, "GLACIER"), secrets.token_bytes(1000)
    at, sha256 = await spot(store, settings, data), hashlib.sha256(data).hexdigest()
    await named.keep(at, f"cold/{at.key}", sha256)
    await store.delete(at.bucket, [at.key])
    await named.bring(f"cold/{at.key}", at, sha256, content_type="video/mp4")
    assert await store.read(at.bucket, at.key) == data
