"""Removing objects that no row names any more."""

from uuid import uuid4

from server.kit.request import ANNOUNCER, POOL, SETTINGS, STORE
from server.kit.work import work
from server.videos import queries, removals
from storage.postgres import connection
from tests.people import Client, Person
from tests.videos import published


async def _count(client: Client, video_id: object) -> int:
    async with connection(client.app[POOL]) as conn:
        found: int = await conn.fetchval("SELECT count(*) FROM object_removal WHERE video_id = $1", video_id)
        return found


async def test_a_deleted_videos_objects_go(client: Client, ann: Person) -> None:
    app, bucket = client.app, client.app[SETTINGS].s3_bucket
    video_id, other = await published(client, ann), await published(client, ann)
    for owner in (video_id, other):
        await app[STORE].put(bucket, f"videos/{owner}/1/540.mp4", b"x", content_type="video/mp4")
    await ann.delete(f"/videos/{video_id}")
    assert await _count(client, video_id) == 2  # what was made of it, and its original
    async with connection(app[POOL]) as conn:  # a worker may go on storing for a while: its time is over now
        await conn.execute("UPDATE object_removal SET due_at = now() WHERE video_id = $1", video_id)
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
