"""Every deed is told once, whoever tells and whoever dies; what is old, too much or of nobody goes."""

import asyncio
from uuid import UUID

import pytest

from server.deeds import actions as deeds
from server.deeds.wire import Deed
from server.kit.ids import new_id
from server.kit.request import POOL
from server.notifications import actions, jobs, queries
from storage.postgres import Pool, connection
from tests.cut_off import CUT_OFF, cut_off_behind
from tests.people import Client, Person
from tests.server.notifications.conftest import List
from tests.videos import Told, published
from tests.whole_walk import whole_walk

BOXES = "SELECT count(*) FROM notification_box WHERE account_id = $1"
ROWS = "SELECT count(*) FROM notification WHERE account_id = $1"
OLD = "UPDATE notification SET until = until - interval '91 days' WHERE account_id = $1 AND kind = 'video_failed'"


async def fail(pool: Pool, account_id: UUID, *videos: UUID) -> None:
    async with connection(pool) as conn:
        await deeds.keep(conn, *(Deed(account_id, "video_failed", video_id) for video_id in videos))


async def test_a_process_tells_by_itself(client: Client, ann: Person, ben: Person) -> None:
    await ben.follow(ann)
    unread: list[int] = []

    async def look() -> None:
        while not unread or not unread[-1]:
            unread.append((await ann.get("/me/notifications/unread")).body["unread"])

    async with asyncio.timeout(60):
        await look()
    assert unread[-1] == 1


@pytest.mark.usefixtures("nobody_tells")
async def test_many_who_tell_at_once_tell_together(
    client: Client, ann: Person, pool: Pool, told: List, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "TOLD_AT_ONCE", 3)
    assert ann.id is not None
    video_id = await published(client, ann)
    insert = "INSERT INTO video_like (video_id, account_id) VALUES ($1, $2)"

    async def like() -> None:
        async with connection(pool) as conn, conn.transaction():
            by = new_id()
            await conn.execute(insert, video_id, by)
            await deeds.keep(conn, Deed(ann.id or by, "like", video_id, by))
        await jobs.tell(pool)

    await asyncio.gather(*(like() for _ in range(40)), *(jobs.tell(client.app[POOL]) for _ in range(4)))
    await told(ann)
    async with connection(pool) as conn:
        (row,) = await queries.listed(conn, ann.id, UUID(int=2**128 - 1), 50)
    assert row.actors == 40


@pytest.mark.usefixtures("nobody_tells")
async def test_whoever_is_killed_before_the_end_has_told_nothing(
    client: Client, ann: Person, ben: Person, pool: Pool, told: List, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ben.follow(ann)
    with monkeypatch.context() as dying:
        dying.setattr(queries, "tell", cut_off_behind(queries.tell, pool))
        with pytest.raises(CUT_OFF):
            await jobs.tell(client.app[POOL])
    assert await pool.fetchval(ROWS, ann.id) == 0
    assert [item["kind"] for item in (await told(ann))["items"]] == ["follower"]


@pytest.mark.usefixtures("nobody_tells")
async def test_what_is_old_or_too_much_goes(
    client: Client, ann: Person, ben: Person, pool: Pool, told: List, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ann.id is not None
    assert ben.id is not None
    await fail(pool, ann.id, *(new_id() for _ in range(5)))
    await ben.follow(ann)
    await fail(pool, ben.id, *(new_id() for _ in range(9)))
    await told(ann)
    await told(ben)
    await pool.execute(OLD, ann.id)
    monkeypatch.setattr(actions, "MOST_KEPT", 4)
    await whole_walk(client, jobs.WALK, jobs.tidy)
    assert (await pool.fetchval(ROWS, ann.id), await pool.fetchval(ROWS, ben.id)) == (1, 4)


@pytest.mark.usefixtures("nobody_tells")
async def test_nothing_is_left_of_an_account_that_is_deleted(
    client: Client, ann: Person, ben: Person, pool: Pool, told: List
) -> None:
    assert ann.id is not None
    assert ben.id is not None
    video_id = await published(client, ben, Told(title=f"@{ann.username}"))
    async with connection(pool) as conn:
        await fail(pool, ben.id, video_id)
        assert len((await told(ann))["items"]) == 1
        await told(ben)
        await deeds.keep(conn, Deed(ann.id, "mention", video_id, ben.id), Deed(ben.id, "mention", video_id, ann.id))
        await actions.forget(conn, ben.id, 1000)
        assert await conn.fetchval("SELECT count(*) FROM deed WHERE $1 IN (account_id, by_id)", ben.id) == 0
    assert await pool.fetchval(BOXES, ben.id) == 0
    assert (await told(ann))["items"] == []


@pytest.mark.usefixtures("nobody_tells")
async def test_an_account_that_is_gone_is_told_nothing(client: Client, pool: Pool) -> None:
    gone, left_over = new_id(), new_id()
    await fail(pool, gone, new_id())
    await jobs.tell(pool)
    assert await pool.fetchval(BOXES, gone) == 0
    await pool.execute("INSERT INTO notification_box (account_id, last_change) VALUES ($1, 1)", left_over)
    await whole_walk(client, jobs.WALK, jobs.tidy)
    assert await pool.fetchval(BOXES, left_over) == 0
