"""Objects that nothing names go; those that something names, or soon may, stay."""

import secrets
from uuid import UUID, uuid4

import msgspec

from server.kit.request import POOL, SETTINGS, STORE
from server.transcoding import strays
from server.transcoding.strays import KEYS_AT_ONCE, Place
from server.videos import removals, shared, steps
from server.videos.wire import Shared
from storage import job_steps, walks
from storage.job_steps import Step
from storage.postgres import connection
from tests import videos
from tests.clips import unique
from tests.people import Client, Person
from tests.resumable import Resumable
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
