"""What was said of a video goes behind it, and is seen nowhere meanwhile."""

import asyncio

import pytest

from server.comments import jobs, queries
from server.comments.saying import SAYING
from server.kit.paging import FIRST
from server.kit.request import POOL
from server.notifications import jobs as notification_jobs
from storage.postgres import connection
from tests.people import Client, Person
from tests.server.comments.test_saying import said
from tests.videos import published

LEFT = "SELECT count(*) FROM comment WHERE video_id = $1"


async def test_comments_of_a_deleted_video_go_in_slices(
    client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "ROWS_AT_ONCE", 2)
    gone, stays, pool = await published(client, ann), await published(client, ann), client.app[POOL]
    for nth in range(5):
        for video_id in (gone, stays):
            assert (await ben.post(f"/videos/{video_id}/comments", json={"text": str(nth)})).status == 201
    comment_id = (await ben.get(f"/videos/{gone}/comments")).body["items"][0]["id"]
    await notification_jobs.tell(pool)
    assert (await ann.delete(f"/videos/{gone}")).status == 204
    assert await pool.fetchval(LEFT, gone) == 5
    for asked in (ben.delete(f"/comments/{comment_id}"), ben.get(f"/videos/{gone}/comments")):
        assert (await asked).status == 404
    told = (await ann.get("/me/notifications")).body["items"]
    assert [one["kind"] for one in told] == ["comment"]
    assert str(gone) not in str(told)
    await jobs.sweep(client.app)
    assert [await pool.fetchval(LEFT, video_id) for video_id in (gone, stays)] == [0, 5]
    assert await pool.fetchval("SELECT count(*) FROM gone_video") == 0
    assert ben.id is not None
    async with connection(pool) as conn:
        assert {row.video_id for row in await queries.of_author(conn, ben.id, FIRST.id, 20)} == {stays}


async def test_nobody_comments_on_a_video_that_is_deleted_at_that_moment(client: Client, ann: Person, ben: Person) -> None:
    saying = client.app[SAYING]
    for _ in range(10):
        video_id = await published(client, ann)
        saying_it = [asyncio.create_task(said(saying, ben.id, video_id, str(nth))) for nth in range(20)]
        deleting = asyncio.create_task(ann.delete(f"/videos/{video_id}"))
        found = await asyncio.gather(*saying_it)
        assert (await deleting).status == 204
        assert await said(saying, ben.id, video_id) == "not_found"
        assert await client.app[POOL].fetchval(LEFT, video_id) == sum(one != "not_found" for one in found)
        await jobs.sweep(client.app)
        assert await client.app[POOL].fetchval(LEFT, video_id) == 0
