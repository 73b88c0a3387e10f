"""Deleting a video that others hold."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from server.departures.remains import tidy
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import Work, work
from server.videos import actions, deleting, queries
from tests.people import Client, Person
from tests.server.departures.leaving import count
from tests.videos import published
from tests.waiting import LIMIT_SECONDS

HOLD = "SELECT FROM video WHERE id = $1 FOR KEY SHARE"
WAITS = "SELECT count(*) FROM video_remains WHERE video_id = $1"


async def test_a_video_that_is_held_without_end_is_held_by_nobody_new(
    client: Client, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "SOON", "10ms")
    video_id, pool = await published(client, ann), client.app[POOL]
    async with pool.acquire() as conn:
        async with conn.transaction():
            await conn.execute(HOLD, video_id)
            going = asyncio.create_task(ann.delete(f"/videos/{video_id}"))
            async with asyncio.timeout(LIMIT_SECONDS):
                while not await count(client, WAITS, video_id):
                    await asyncio.sleep(0.01)
            assert (await ben.put(f"/videos/{video_id}/like")).status == 404
            assert (await ben.post(f"/videos/{video_id}/comments", json={"text": "late"})).status == 404
            assert not going.done()
        assert (await going).status == 204
    assert (await ann.get(f"/videos/{video_id}")).status == 404


async def test_it_is_deleted_as_well_where_the_job_was_quicker(
    client: Client, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "SOON", "10ms")
    video_id, pool, begun = await published(client, ann), client.app[POOL], 0
    async with pool.acquire() as conn:
        others = conn.transaction()
        await others.start()
        await conn.execute(HOLD, video_id)

        @asynccontextmanager
        async def begin() -> AsyncIterator[Work]:
            nonlocal begun
            begun += 1
            if begun == 3:
                await others.rollback()
                await tidy(client.app)
            async with work(pool, client.app[ANNOUNCER], ann.id) as w:
                yield w

        await deleting.delete_own(begin, video_id)
    assert begun == 3
    assert (await ann.get(f"/videos/{video_id}")).status == 404


async def test_what_the_job_deletes_is_counted_under_the_lock_of_its_author(client: Client, ann: Person) -> None:
    video_id, pool = await published(client, ann), client.app[POOL]
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM account WHERE id = $1 FOR UPDATE", ann.id)
        async with work(pool, client.app[ANNOUNCER], None) as w:
            await queries.wait_for_locks(w.conn, "10ms")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await actions.finish(w, video_id)
