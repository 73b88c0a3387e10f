"""Objects that nothing names go; those that something names, or soon may, stay."""

import secrets
from uuid import UUID, uuid4

import msgspec
import pytest

from server.accounts import queries as accounts
from server.kit.request import POOL, SETTINGS, STORE
from server.transcoding import strays
from server.transcoding.strays import KEYS_AT_ONCE, Place
from server.videos import removals, shared, steps
from server.videos.queries import remove_objects
from server.videos.wire import Shared
from storage import job_steps, walks
from storage.job_steps import Step
from storage.objects import PART_BYTES
from storage.postgres import connection
from tests import videos
from tests.clips import unique
from tests.people import Client, Person
from tests.resumable import Resumable, column
from tests.transcoded import counted, lease, removals_of

AT_ONCE = -60.0
"""The clock of the store is not ours."""


async def _put(client: Client, bucket: str, *keys: str) -> None:
    settings = client.app[SETTINGS]
    for key in keys:
        into = settings.s3_bucket if bucket == "media" else settings.s3_raw_bucket
        await client.app[STORE].put(into, key, b"x", content_type="video/mp4")


async def _walk(client: Client, bucket: str, prefix: str, old_seconds: float = AT_ONCE) -> None:
    place = Place(bucket, prefix, strays.of_media if bucket == "media" else strays.of_uploads)
    async with connection(client.app[POOL]) as conn:
        await walks.move(conn, f"objects below {prefix}", "")
    await strays.walk_on(client.app, place, old_seconds)


async def test_objects_of_no_video_go(client: Client) -> None:
    gone, before = uuid4(), counted("object_stray")
    await _put(client, "media", f"videos/{gone}/1/v.mp4", f"videos/{gone}/2/v.mp4")
    await _walk(client, "media", f"videos/{gone}/", old_seconds=3600)
    assert await removals_of(client, gone) == set()
    await _walk(client, "media", f"videos/{gone}/")
    assert await removals_of(client, gone) == {f"videos/{gone}/"}
    await _walk(client, "media", f"videos/{gone}/")
    assert counted("object_stray") == before + 1
    await removals.remove_due(client.app)
    assert [key async for key in client.app[STORE].list_prefix(client.app[SETTINGS].s3_bucket, f"videos/{gone}/")] == []


async def test_pictures_that_no_account_shows_go(client: Client, ann: Person) -> None:
    assert ann.id is not None
    gone, own = uuid4(), f"avatars/{ann.id}/"
    await _put(client, "media", f"avatars/{gone}/a-1-96.jpg", f"{own}a-1-96.jpg", f"{own}b-1-96.jpg", f"{own}c-1-96.jpg")
    async with connection(client.app[POOL]) as conn:
        await accounts.show_avatar(conn, ann.id, "b-1")
        await remove_objects(conn, ann.id, "media", f"{own}c-1-", seconds=3600.0)
    for account_id in (gone, ann.id):
        prefix = f"avatars/{account_id}/"
        async with connection(client.app[POOL]) as conn:
            await walks.move(conn, f"objects below {prefix}", "")
        await strays.walk_on(client.app, Place("media", prefix, strays.of_avatars), AT_ONCE)
    assert await removals_of(client, gone) == {f"avatars/{gone}/a-1-96.jpg"}
    assert await removals_of(client, ann.id) == {f"{own}a-1-96.jpg", f"{own}c-1-"}


async def test_starts_that_nothing_names_go_and_the_one_that_runs_stays(client: Client, ann: Person) -> None:
    video_id = await videos.published(client, ann)  # as start 1
    prefix = f"videos/{video_id}/"
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE job SET lease = 3 WHERE subject_id = $1", video_id)
    assert (await lease(client, video_id)).number == 4
    await _put(
        client, "media", *(f"{prefix}{start}/540.mp4" for start in (1, 2, 3, 4)), f"{prefix}1/old.mp4", f"{prefix}own/p.jpg"
    )
    await _walk(client, "media", prefix)
    assert await removals_of(client, video_id) == {f"{prefix}2/", f"{prefix}3/"}


async def test_where_the_steps_are_known_each_object_is(client: Client, ann: Person) -> None:
    video_id = await videos.published(client, ann)
    found = await lease(client, video_id)
    prefix, file = f"videos/{video_id}/", {"kind": "poster", "content_type": "image/jpeg", "bytes": 1, "sha256": "0" * 64}
    async with connection(client.app[POOL]) as conn:
        first = msgspec.json.encode({"files": [file | {"name": "listed.jpg"}]})
        await job_steps.record(conn, found, Step("first", found.number, first))
        await conn.execute("UPDATE job SET state = 'done', ended_at = now() WHERE subject_id = $1", video_id)
    listed = [f"{prefix}1/listed.jpg", f"{prefix}1/poster.jpg", f"{prefix}1/540.mp4"]
    await _put(client, "media", *listed, f"{prefix}1/half-a-ladder.mp4")
    await _walk(client, "media", prefix)
    assert await removals_of(client, video_id) == {f"{prefix}1/half-a-ladder.mp4"}


async def test_pictures_of_a_forgotten_start_stay_whole_and_what_was_shown_stays_while_its_urls_last(
    client: Client, ann: Person
) -> None:
    video_id = await videos.published(client, ann)  # below 1; its first source was made again, its pictures were not yet
    found, prefix = await lease(client, video_id), f"videos/{video_id}/"
    async with connection(client.app[POOL]) as conn:
        await steps.pictured(conn, video_id, "2/preview.webp", "2/storyboard.vtt")
        file = {"name": "540.mp4", "kind": "progressive", "content_type": "video/mp4", "bytes": 1, "sha256": "0" * 64}
        await job_steps.record(conn, found, Step("first", found.number, msgspec.json.encode({"files": [file]})))
        await conn.execute("UPDATE job SET state = 'done', ended_at = now() WHERE subject_id = $1", video_id)
    await _put(client, "media", f"{prefix}2/storyboard.vtt", f"{prefix}2/storyboard-0.jpg", f"{prefix}3/540.mp4")
    await _walk(client, "media", prefix)
    async with connection(client.app[POOL]) as conn:
        rows = await conn.fetch("SELECT prefix, due_at - now() AS left FROM object_removal WHERE video_id = $1", video_id)
    assert [row["prefix"] for row in rows] == [f"{prefix}3/"]
    assert rows[0]["left"].total_seconds() > 3500


async def test_what_other_videos_use_stays(client: Client, ann: Person) -> None:
    gone, video_id, user = uuid4(), await videos.published(client, ann), await videos.published(client, ann)
    async with connection(client.app[POOL]) as conn:
        await shared.use(conn, user, [Shared(1, gone, 1, None), Shared(2, video_id, 2, None)])
    await _put(client, "media", *(f"videos/{of}/{start}/540.mp4" for of in (gone, video_id) for start in (1, 2, 3)))
    for of in (gone, video_id):
        await _walk(client, "media", f"videos/{of}/")
    assert await removals_of(client, gone) == {f"videos/{gone}/2/", f"videos/{gone}/3/"}
    assert await removals_of(client, video_id) == {f"videos/{video_id}/3/"}


async def test_bytes_of_no_upload_go_unless_they_are_an_original(client: Client, ann: Person) -> None:
    gone, kept = uuid4(), uuid4()
    video_id = await videos.uploaded(client, ann)
    async with connection(client.app[POOL]) as conn:
        await conn.execute("UPDATE raw_object SET key = $2 WHERE video_id = $1", video_id, f"uploads/{kept}/10")
    await _put(client, "raw", f"uploads/{gone}/1", f"tails/{gone}/1.1", *(f"uploads/{kept}/{name}" for name in (1, 10, 2)))
    for of, place in ((gone, "uploads"), (gone, "tails"), (kept, "uploads")):
        await _walk(client, "raw", f"{place}/{of}/")
    assert await removals_of(client, gone) == {f"uploads/{gone}/", f"tails/{gone}/"}
    # To remove uploads/…/1 would be to remove uploads/…/10 too.
    assert await removals_of(client, kept) == {f"uploads/{kept}/2"}


async def test_bytes_of_uploads_that_are_there_are_theirs(client: Client, ann: Person) -> None:
    data = unique()
    upload = Resumable(ann, data)
    await upload.create()
    await upload.patch(0, data[:1000])
    upload_id = UUID(upload.url[-36:])
    await _walk(client, "raw", f"tails/{upload_id}/")
    await upload.patch(1000, data[1000:])
    await _walk(client, "raw", f"uploads/{upload_id}/")
    assert await removals_of(client, upload_id) == set()


async def test_what_is_none_of_ours_is_named_and_stays(client: Client) -> None:
    name, before = secrets.token_hex(4), counted("object_foreign")
    await _put(client, "media", f"videos/{name}/1/v.mp4")
    await _walk(client, "media", f"videos/{name}/")
    assert counted("object_foreign") == before + 1


async def test_a_walk_goes_on_where_it_ended(client: Client) -> None:
    gone = uuid4()
    prefix = f"videos/{gone}/"
    await _put(client, "media", *(f"{prefix}1/{number}.mp4" for number in range(5)))
    store, bucket = client.app[STORE], client.app[SETTINGS].s3_bucket
    page = await store.page(bucket, prefix, "", 3)
    assert ([entry.key[-5:] for entry in page.entries], page.more) == (["0.mp4", "1.mp4", "2.mp4"], True)
    page = await store.page(bucket, prefix, page.entries[-1].key, KEYS_AT_ONCE)
    assert ([entry.key[-5:] for entry in page.entries], page.more) == (["3.mp4", "4.mp4"], False)
    assert await store.page(bucket, prefix, page.entries[-1].key, KEYS_AT_ONCE) == type(page)([], more=False)
    await store.delete_prefix(bucket, prefix)


async def _begin(client: Client, bucket: str, key: str) -> str:
    """A multipart upload with a part; its id."""
    settings, store = client.app[SETTINGS], client.app[STORE]
    into = settings.s3_bucket if bucket == "media" else settings.s3_raw_bucket
    upload = await store.create_multipart(into, key, content_type="video/mp4")
    await store.upload_part(into, key, upload, 1, b"x")
    return upload


async def _open(client: Client, prefix: str) -> set[str]:
    store, settings = client.app[STORE], client.app[SETTINGS]
    pages = [await store.unfinished(bucket, prefix) for bucket in (settings.s3_bucket, settings.s3_raw_bucket)]
    return {one.upload for page in pages for one in page.uploads}


async def test_multipart_uploads_that_no_row_knows_are_aborted(client: Client, ann: Person) -> None:
    gone, name, before = uuid4(), secrets.token_hex(4), counted("parts_stray")
    sending = Resumable(ann, bytes(2 * PART_BYTES))
    await sending.create()
    await sending.patch(0, bytes(PART_BYTES))
    upload_id = UUID(sending.url[-36:])
    known = await column(sending, "multipart_id")
    kept, video_id = uuid4(), await videos.uploaded(client, ann)
    whole = await _begin(client, "raw", f"uploads/{kept}/parts")
    async with connection(client.app[POOL]) as conn:
        row = "UPDATE raw_object SET key = $2, multipart_id = $3 WHERE video_id = $1"
        await conn.execute(row, video_id, f"uploads/{kept}/parts", whole)
    for place, prefix, stay in (
        ("media", f"videos/{gone}/", []),
        ("media", f"videos/{name}/", ["foreign"]),
        ("raw", f"uploads/{gone}/", []),
        ("raw", f"uploads/{upload_id}/", [known]),  # another one was begun beside it, and lost the race
        ("raw", f"uploads/{kept}/", [whole]),
    ):
        begun = await _begin(client, place, f"{prefix}parts")
        young = await _open(client, prefix)
        await strays.abort(client.app, place, prefix, strays.ABANDONED_SECONDS)
        assert await _open(client, prefix) == young >= {begun}
        await strays.abort(client.app, place, prefix, AT_ONCE)
        assert await _open(client, prefix) == ({begun} if stay == ["foreign"] else set(stay))
    assert counted("parts_stray") == before + 4
    await sending.patch(PART_BYTES, bytes(PART_BYTES))  # nothing of it is lost
    assert await sending.offset() == 2 * PART_BYTES


async def test_multipart_uploads_are_looked_at_a_page_at_a_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = uuid4()
    prefix = f"uploads/{gone}/"
    for number in range(5):
        await _begin(client, "raw", f"{prefix}{number}")
    monkeypatch.setattr(strays, "UPLOADS_AT_ONCE", 2)
    for left in (3, 1, 0):
        await strays.abort(client.app, "raw", prefix, AT_ONCE)
        assert len(await _open(client, prefix)) == left
    async with connection(client.app[POOL]) as conn:
        assert await walks.position(conn, f"multipart uploads below {prefix}") == ""
