"""What others did to a video goes behind it, in slices, whoever breaks off meanwhile."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from server.comments.saying import SAYING
from server.departures import remains
from server.kit.request import POOL, SETTINGS
from server.kit.work import Work
from server.notifications import jobs as notification_jobs
from server.videos import actions
from server.videos import remains as video_remains
from storage.postgres import Rows
from tests.people import Client, Person, sign_up
from tests.server.comments.test_saying import said
from tests.server.departures.leaving import count
from tests.videos import published

VIEW = {"watched_ms": 3000, "completed": False, "replays": 0, "source": "link"}
TABLES = ("comment", "video_like", "video_share", "report", "play")
LEFT = " UNION ALL ".join(f"SELECT count(*) AS n FROM {table} WHERE video_id = $1" for table in TABLES)
LEFT_SAID = "SELECT count(*) FROM comment WHERE video_id = $1"
WAITS = "SELECT count(*) FROM video_remains WHERE video_id = $1"


async def _popular(client: Client, author: Person, fans: int = 3) -> UUID:
    """A video to which some have done everything that there is to do."""
    video_id = await published(client, author)
    for _ in range(fans):
        fan = await sign_up(client, "fan")
        assert (await fan.put(f"/videos/{video_id}/like")).status == 204
        assert (await fan.post(f"/videos/{video_id}/comments", json={"text": "hello"})).status == 201
        assert (await fan.post(f"/videos/{video_id}/shares")).status == 202
        assert (await fan.post(f"/videos/{video_id}/reports", json={"reason": "spam"})).status == 202
        assert (await fan.post(f"/videos/{video_id}/views", json=VIEW)).status == 202
    return video_id


async def _left(client: Client, video_id: UUID) -> int:
    return await count(client, f"SELECT sum(n)::bigint FROM ({LEFT}) AS t", video_id)


async def test_a_video_is_gone_at_once_whoever_holds_what_others_did_to_it(client: Client, ann: Person) -> None:
    video_id = await _popular(client, ann)
    conn = await asyncpg.connect(client.app[SETTINGS].database_url)
    try:
        async with conn.transaction():
            for table in TABLES:
                await conn.execute(f"SELECT FROM {table} WHERE video_id = $1 FOR UPDATE", video_id)
            assert (await ann.delete(f"/videos/{video_id}")).status == 204
            assert (await ann.get(f"/videos/{video_id}")).status == 404
    finally:
        await conn.close()
    await remains.tidy(client.app)
    assert await _left(client, video_id) == 0
    assert await count(client, WAITS, video_id) == 0


async def test_whoever_is_killed_between_two_slices_is_followed_by_another(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id, other = await _popular(client, ann), await _popular(client, ann, fans=1)
    await remains.tidy(client.app)
    monkeypatch.setattr(remains, "ROWS_AT_ONCE", 1)
    assert (await ann.delete(f"/videos/{video_id}")).status == 204
    steps = remains.KEPT
    left = await _left(client, video_id)
    for at, forget in enumerate(steps):

        async def killed(conn: Rows, which: UUID, limit: int, forget: remains.Some = forget) -> int:
            await forget(conn, which, limit)
            raise asyncio.CancelledError  # before the commit

        monkeypatch.setattr(remains, "KEPT", (*steps[:at], killed))
        with pytest.raises(asyncio.CancelledError):
            await remains.tidy(client.app)
        assert await _left(client, video_id) <= left
        assert await count(client, WAITS, video_id) == 1
    monkeypatch.setattr(remains, "KEPT", steps)
    await asyncio.gather(remains.tidy(client.app), remains.tidy(client.app))
    assert await _left(client, video_id) == 0
    assert await count(client, WAITS, video_id) == 0
    assert await _left(client, other) == len(TABLES)


async def test_what_is_left_of_a_video_that_nobody_said_was_deleted_is_found(client: Client, ann: Person) -> None:
    video_id, other = await _popular(client, ann, fans=1), await _popular(client, ann, fans=1)
    await client.app[POOL].execute("DELETE FROM video WHERE id = $1", video_id)  # as the version before had it
    await client.app[POOL].execute("DELETE FROM walk WHERE name LIKE 'strays%'")
    await remains.stray(client.app)
    while await count(client, "SELECT count(*) FROM walk WHERE name LIKE 'strays%' AND position <> ''"):
        await remains.stray(client.app)
    await remains.tidy(client.app)
    assert await _left(client, video_id) == 0
    assert await _left(client, other) == len(TABLES)


async def test_nobody_is_told_of_what_is_left_of_a_deleted_video(client: Client, ann: Person) -> None:
    video_id = await _popular(client, ann)
    await notification_jobs.tell(client.app[POOL])
    told = {one["kind"] for one in (await ann.get("/me/notifications")).body["items"]}
    assert {"like", "comment"} <= told
    assert (await ann.delete(f"/videos/{video_id}")).status == 204
    assert (await ann.get("/me/notifications")).body["items"] == []
    assert (await ann.get("/me/notifications/unread")).body["unread"] == 0


async def test_nobody_comments_on_a_video_that_is_deleted_at_that_moment(client: Client, ann: Person, ben: Person) -> None:
    saying = client.app[SAYING]
    for _ in range(10):
        video_id = await published(client, ann)
        saying_it = [asyncio.create_task(said(saying, ben.id, video_id, str(nth))) for nth in range(20)]
        deleting = asyncio.create_task(ann.delete(f"/videos/{video_id}"))
        found = await asyncio.gather(*saying_it)
        assert (await deleting).status == 204
        assert await said(saying, ben.id, video_id) == "not_found"
        assert await client.app[POOL].fetchval(LEFT_SAID, video_id) == sum(one != "not_found" for one in found)
        await remains.tidy(client.app)
        assert await client.app[POOL].fetchval(LEFT_SAID, video_id) == 0


async def test_what_was_to_go_and_is_there_yet_is_deleted_by_the_job(client: Client, ann: Person) -> None:
    video_id, pool = await _popular(client, ann), client.app[POOL]
    async with pool.acquire() as conn:
        await video_remains.leave(conn, [video_id])
    await remains.tidy(client.app)
    assert (await ann.get(f"/videos/{video_id}")).status == 404
    assert await _left(client, video_id) == 0
    assert await count(client, WAITS, video_id) == 0


async def test_a_video_that_is_held_keeps_the_job_from_no_other(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, other, pool = await published(client, ann), await published(client, ann), client.app[POOL]

    async def soon(w: Work, video_id: UUID) -> None:
        await w.conn.execute("SET LOCAL lock_timeout = '10ms'")
        await finish(w, video_id)

    finish = actions.finish
    monkeypatch.setattr(actions, "finish", soon)
    async with pool.acquire() as conn, conn.transaction():
        await video_remains.leave(conn, [held])
        await video_remains.leave(conn, [other])
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM video WHERE id = $1 FOR KEY SHARE", held)
        await remains.tidy(client.app)
        assert (await ann.get(f"/videos/{other}")).status == 404
        assert [await count(client, WAITS, one) for one in (held, other)] == [1, 0]
    await remains.tidy(client.app)
    assert (await ann.get(f"/videos/{held}")).status == 404
