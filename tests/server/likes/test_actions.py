"""Likes as they are stored: those that go together, and what becomes of an account's when it goes."""

import asyncio
from uuid import UUID

from server.kit.paging import FIRST
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.likes import actions, queries
from storage.postgres import Pool
from tests.people import Client, Person
from tests.videos import published


async def test_likes_of_an_account_are_listed_and_go_in_batches(client: Client, ann: Person, ben: Person) -> None:
    ids = [await published(client, ann) for _ in range(5)]
    for video_id in ids:
        for one in (ann, ben):
            await one.put(f"/videos/{video_id}/like")
    assert ben.id is not None
    done: list[int] = []
    while not done or done[-1] == 2:
        async with work(client.app[POOL], client.app[ANNOUNCER], None) as w:
            listed = await queries.of_account(w.conn, ben.id, FIRST.id, 10)
            assert [like.video_id for like in listed] == [i for i in reversed(ids) if i in {like.video_id for like in listed}]
            assert len(listed) == 5 - 2 * len(done)
            done.append(await actions.forget(w, ben.id, 2))
    assert done == [2, 2, 1]
    assert [(await ann.get(f"/videos/{i}")).body["counts"]["likes"] for i in ids] == [1] * 5


PLAN = "SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_indexscan = off; "
PLAN += "SET LOCAL enable_bitmapscan = off"  # in the order of the table, unless the statement sees to another
NEXT = "SELECT true FROM video_like WHERE video_id = $1 AND account_id = $2 FOR UPDATE NOWAIT"

WAITS = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%DELETE FROM video_like%'
)
"""


async def _take_back(pool: Pool, pairs: list[tuple[UUID, UUID]]) -> int:
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute(PLAN)
        return len(await queries.delete(conn, pairs))


async def test_likes_that_are_taken_back_together_are_held_in_their_order(client: Client, ann: Person, ben: Person) -> None:
    first, second = sorted([await published(client, ann) for _ in range(2)])
    pairs: list[tuple[UUID, UUID]] = []
    assert ben.id is not None
    for video_id in (second, first):  # and so they lie in the table
        assert (await ben.put(f"/videos/{video_id}/like")).status == 204
        pairs.append((video_id, ben.id))
    pool = client.app[POOL]
    async with pool.acquire() as one, one.transaction():
        assert await one.fetchval(NEXT, first, ben.id)
        taking_back = asyncio.create_task(_take_back(pool, pairs), name="taking back")
        async with asyncio.timeout(60):
            while not await pool.fetchval(WAITS):
                await asyncio.sleep(0.01)
        assert await one.fetchval(NEXT, second, ben.id)  # else these two would wait for each other
    assert await taking_back == 2
