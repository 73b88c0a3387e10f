"""Copies of objects, small and large, and of those that are not there."""

import secrets

import pytest

from storage.object_copies import copy
from storage.objects import PART_BYTES, ObjectMissing, ObjectStore, StoreUnavailable


@pytest.mark.parametrize("size", [0, 1000, PART_BYTES, 2 * PART_BYTES + 1])
async def test_a_copy_has_the_same_bytes_and_type(store: ObjectStore, bucket: str, place: str, size: int) -> None:
    data = secrets.token_bytes(size)
    await store.put(bucket, place + "one", data, content_type="video/webm")
    await store.put(bucket, place + "other", b"before", content_type="text/plain")
    await copy(store, bucket, place + "one", place + "other")
    facts = await store.head(bucket, place + "other")
    assert facts is not None
    assert (facts.size, facts.content_type) == (size, "video/webm")
    if size:
        assert await store.read(bucket, place + "other") == data


async def test_of_what_is_not_there_is_no_copy(store: ObjectStore, bucket: str, place: str) -> None:
    with pytest.raises(ObjectMissing):
        await copy(store, bucket, place + "one", place + "other")
    assert await store.head(bucket, place + "other") is None


async def test_a_copy_that_breaks_off_leaves_nothing(
    store: ObjectStore, bucket: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.put(bucket, place + "one", secrets.token_bytes(PART_BYTES + 1), content_type="video/webm")
    begun: list[str] = []
    send = store.upload_part

    async def only_the_first(bucket: str, key: str, upload: str, number: int, data: bytes) -> object:
        begun.append(upload)
        if number > 1:
            raise StoreUnavailable("down")
        return await send(bucket, key, upload, number, data)

    monkeypatch.setattr(store, "upload_part", only_the_first)
    with pytest.raises(StoreUnavailable):
        await copy(store, bucket, place + "one", place + "other")
    monkeypatch.undo()
    assert await store.head(bucket, place + "other") is None
    with pytest.raises(ObjectMissing):
        await store.upload_part(bucket, place + "other", begun[0], 2, b"x")
