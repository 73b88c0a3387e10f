"""Copies one object to another name, part by part: no call takes longer for a large one, and memory stays flat."""

from storage.object_errors import ObjectMissing
from storage.objects import PART_BYTES, ObjectStore


async def copy(store: ObjectStore, bucket: str, source: str, target: str) -> None:
    """Store the object `source` as `target` too; that is there after this returns, and not at all or as before when this raises.

    Raises:
        ObjectMissing: there is no `source`, or it went meanwhile.
        StoreFull, StoreUnavailable.
    """
    facts = await store.head(bucket, source)
    if facts is None:
        raise ObjectMissing(source)
    if facts.size <= PART_BYTES:
        await store.put(bucket, target, await store.read(bucket, source), content_type=facts.content_type)
        return
    async with store.in_parts(bucket, target, content_type=facts.content_type) as (upload, parts):
        for number, start in enumerate(range(0, facts.size, PART_BYTES), start=1):
            data = await store.read(bucket, source, start, min(start + PART_BYTES, facts.size))
            parts.append(await store.upload_part(bucket, target, upload, number, data))
