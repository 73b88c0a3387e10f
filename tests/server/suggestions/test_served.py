"""What was suggested is logged later, in batches, and of accounts that are there alone."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from server.kit.ids import new_id
from server.plays import watches
from server.suggestions import queries, served
from server.suggestions.queries import Served
from tests.server.suggestions.town import Town

LOGGED = """
SELECT account_id, video_ids::text, slots::text, propensities::text FROM suggestion_served
"""
ROWS = "SELECT count(*) FROM suggestion_served"
WAITERS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def page_of(account_id: UUID) -> Served:
    return Served(account_id, datetime.now(UTC), None, [new_id()], ["list"], [1.0])


async def test_pages_are_written_together_and_none_of_who_is_gone(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "AT_ONCE", 2)
    accounts = await town.authors(2)
    videos = [new_id() for _ in range(3)]
    for account_id in (accounts[0], new_id(), accounts[1]):
        page = Served(account_id, datetime.now(UTC), None, videos, ["list", "list", "explore"], [1.0, 1.0, 0.25])
        town.suggesting.log.add(page)
    await town.suggesting.log.flush()
    rows = {tuple(row.values()) for row in await town.pool.fetch(LOGGED)}
    listed = f"{{{','.join(map(str, videos))}}}"
    assert rows == {(one, listed, "{list,list,explore}", "{1,1,0.25}") for one in accounts}


async def test_two_that_write_at_once_write_each_page_once(town: Town) -> None:
    (account_id,) = await town.authors(1)
    pages = [page_of(account_id) for _ in range(3)]
    for page in pages:
        town.suggesting.log.add(page)
    await asyncio.gather(*(town.suggesting.log.flush() for _ in range(3)))
    rows = await town.pool.fetch("SELECT video_ids FROM suggestion_served")
    assert sorted(row["video_ids"] for row in rows) == sorted(list(page.video_ids) for page in pages)


async def test_what_comes_while_too_many_wait_is_not_logged(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "MOST_WAITING", 1)
    (account_id,) = await town.authors(1)
    for _ in range(3):
        town.suggesting.log.add(page_of(account_id))
    await town.suggesting.log.flush()
    assert await town.pool.fetchval(ROWS) == 1


async def test_what_waits_is_not_logged_of_who_has_it_forgotten_or_forbids_it(town: Town) -> None:
    ann, ben = await town.person(), await town.person()
    assert ann.id
    assert ben.id
    for account_id in (ann.id, ben.id):
        town.suggesting.log.add(page_of(account_id))
    assert (await ann.delete("/me/suggestions")).status == 204
    assert (await ben.patch("/me/suggestions", json={"learns": False})).status == 200
    for account_id in (ann.id, ben.id):
        town.suggesting.log.add(page_of(account_id))
    await town.suggesting.log.flush()
    assert [row["account_id"] for row in await town.pool.fetch(LOGGED)] == [ann.id]


async def test_what_is_being_logged_is_waited_for(town: Town) -> None:
    ben = await town.person()
    assert ben.id
    async with town.pool.acquire() as conn, conn.transaction():
        await watches.share(conn, [ben.id])
        await queries.keep_served(conn, [page_of(ben.id)])
        chosen = asyncio.create_task(ben.delete("/me/suggestions"))
        async with asyncio.timeout(60):
            while not await town.pool.fetchval(WAITERS):
                await asyncio.sleep(0.01)
    assert (await chosen).status == 204
    assert await town.pool.fetchval(ROWS) == 0
