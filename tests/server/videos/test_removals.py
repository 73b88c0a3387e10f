"""Removing objects that no row names any more."""

import secrets
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from botocore.exceptions import ClientError

from server.kit.request import ANNOUNCER, POOL, SETTINGS, STORE
from server.kit.work import work
from server.videos import actions, queries, removals
from server.videos.wire import NewVideo, Part, RawObject
from storage.objects import ObjectMissing, SentPart, StoreUnavailable
from storage.postgres import connection
from tests.people import Client, Person
from tests.videos import published


async def _count(client: Client, video_id: object) -> int:
    async with connection(client.app[POOL]) as conn:
        found: int = await conn.fetchval("SELECT count(*) FROM object_removal WHERE video_id = $1", video_id)
        return found


async def _due_now(client: Client, video_id: object) -> None:
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE object_removal SET due_at = now() WHERE video_id = $1", video_id)


async def test_a_deleted_videos_objects_go(client: Client, ann: Person) -> None:
    app, bucket = client.app, client.app[SETTINGS].s3_bucket
    video_id, other = await published(client, ann), await published(client, ann)
    for owner in (video_id, other):
        await app[STORE].put(bucket, f"videos/{owner}/1/540.mp4", b"x", content_type="video/mp4")
    await ann.delete(f"/videos/{video_id}")
    assert await _count(client, video_id) == 3  # what was made of it, its original, and pictures for its poster
    await _due_now(client, video_id)  # a worker may go on storing for a while: its time is over now
    await removals.remove_due(app)
    assert await app[STORE].head(bucket, f"videos/{video_id}/1/540.mp4") is None
    assert await app[STORE].head(bucket, f"videos/{other}/1/540.mp4") is not None
    assert await _count(client, video_id) == 0


async def test_what_may_still_be_asked_for_waits(client: Client) -> None:
    app, video_id = client.app, uuid4()
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        await queries.remove_objects(w.conn, video_id, "media", f"videos/{video_id}/1/", seconds=3600)
    await app[STORE].put(app[SETTINGS].s3_bucket, f"videos/{video_id}/1/540.mp4", b"x", content_type="video/mp4")
    await removals.remove_due(app)
    assert await app[STORE].head(app[SETTINGS].s3_bucket, f"videos/{video_id}/1/540.mp4") is not None
    assert await _count(client, video_id) == 1


async def _in_parts(client: Client, author: Person) -> tuple[UUID, str, str, list[SentPart]]:
    """A video whose original is still the parts of a multipart upload: its id, and the original's key, upload and parts."""
    app, key = client.app, f"uploads/{secrets.token_hex(8)}/parts"
    bucket = app[SETTINGS].s3_raw_bucket
    upload = await app[STORE].create_multipart(bucket, key, content_type="application/octet-stream")
    part = await app[STORE].upload_part(bucket, key, upload, 1, b"original")
    assert author.id is not None
    async with work(app[POOL], app[ANNOUNCER], author.id) as w:
        raw = RawObject(key, upload, [Part(part.number, part.etag)], 8)
        made = await actions.create(w, NewVideo(author.id, "", "", "public", secrets.token_bytes(32), raw))
    return made.video_id, key, upload, [part]


async def test_an_original_that_a_worker_completes_after_the_deletion_goes_too(client: Client, ann: Person) -> None:
    app, bucket = client.app, client.app[SETTINGS].s3_raw_bucket
    video_id, key, upload, parts = await _in_parts(client, ann)
    await ann.delete(f"/videos/{video_id}")
    await removals.remove_due(app)
    await app[STORE].complete_multipart(bucket, key, upload, parts)  # by a worker that has not heard of it yet
    await _due_now(client, video_id)
    await removals.remove_due(app)
    assert await app[STORE].head(bucket, key) is None


async def test_an_original_that_is_completed_while_it_is_removed_goes_too(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, bucket = client.app, client.app[SETTINGS].s3_raw_bucket
    video_id, key, upload, parts = await _in_parts(client, ann)
    await ann.delete(f"/videos/{video_id}")
    await _due_now(client, video_id)
    store, delete, waiting = app[STORE], app[STORE].delete, [upload]

    async def complete_first(bucket_of_keys: str, keys: Sequence[str]) -> None:
        """Objects are listed by now, and the parts not aborted yet."""
        if bucket_of_keys == bucket and waiting:
            await store.complete_multipart(bucket, key, waiting.pop(), parts)
        await delete(bucket_of_keys, keys)

    monkeypatch.setattr(store, "delete", complete_first)
    await removals.remove_due(app)
    assert not waiting
    assert await store.head(bucket, key) is None


async def _to_remove(client: Client, seconds_ago: int) -> tuple[UUID, str]:
    """Something that is due since so long: whose it is, and its key."""
    app, video_id = client.app, uuid4()
    key = f"videos/{video_id}/1/540.mp4"
    await app[STORE].put(app[SETTINGS].s3_bucket, key, b"x", content_type="video/mp4")
    async with work(app[POOL], app[ANNOUNCER], None) as w:
        await queries.remove_objects(w.conn, video_id, "media", f"videos/{video_id}/1/", seconds=-seconds_ago)
    return video_id, key


REFUSALS = [
    StoreUnavailable("not deleted: AccessDenied"),
    ObjectMissing("NoSuchKey"),
    ClientError({"Error": {"Code": "InvalidRequest"}}, "DeleteObjects"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: type(refusal).__name__)
async def test_what_cannot_be_removed_holds_up_nothing_behind_it(
    client: Client, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    app, bucket, store = client.app, client.app[SETTINGS].s3_bucket, client.app[STORE]
    (stuck, stuck_key), (behind, behind_key) = await _to_remove(client, 1000), await _to_remove(client, 500)
    delete = store.delete

    async def refuse(bucket_of_keys: str, keys: Sequence[str]) -> None:
        if stuck_key in keys:
            raise refusal
        await delete(bucket_of_keys, keys)

    monkeypatch.setattr(removals, "BATCH", 1)
    with monkeypatch.context() as refusing:
        refusing.setattr(store, "delete", refuse)
        for faults in (1, 2):
            await removals.remove_due(app)
            async with connection(app[POOL]) as conn:
                row = await conn.fetchrow(
                    "SELECT faults, due_at > now() AS put_off FROM object_removal WHERE video_id = $1", stuck
                )
            assert row is not None
            assert (row["faults"], row["put_off"]) == (faults, True)
            await _due_now(client, stuck)
    assert await _count(client, behind) == 0
    assert await store.head(bucket, behind_key) is None
    await removals.remove_due(app)
    assert await _count(client, stuck) == 0
    assert await store.head(bucket, stuck_key) is None


async def test_the_pauses_double_up_to_a_limit(client: Client) -> None:
    video_id, _ = await _to_remove(client, 0)
    pause = "SELECT extract(epoch FROM due_at - now())::float FROM object_removal WHERE video_id = $1"
    async with connection(client.app[POOL]) as conn:
        for faults, longest in ((0, 10.0), (1, 20.0), (3, 80.0), (4, 100.0), (30, 100.0), (30, 100.0)):
            async with conn.transaction():  # in which now() stands still
                await conn.execute("UPDATE object_removal SET faults = $2 WHERE video_id = $1", video_id, faults)
                await conn.execute(removals.PUT_OFF, video_id, "media", f"videos/{video_id}/1/", 10.0, 100.0)
                assert longest / 2 <= await conn.fetchval(pause, video_id) <= longest


async def test_a_store_that_is_away_ends_the_run_and_blames_no_row(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    app, (video_id, _) = client.app, await _to_remove(client, 1000)

    async def away(*_: object) -> None:
        raise StoreUnavailable("the object store: down")

    with monkeypatch.context() as down:
        down.setattr(app[STORE], "delete", away)
        down.setattr(app[STORE], "check", away)
        with pytest.raises(StoreUnavailable):
            await removals.remove_due(app)
    async with connection(app[POOL]) as conn:
        assert await conn.fetchval("SELECT faults FROM object_removal WHERE video_id = $1", video_id) == 0
    await removals.remove_due(app)
    assert await _count(client, video_id) == 0
