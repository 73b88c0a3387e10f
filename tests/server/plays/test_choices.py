"""Whoever forbids suggestions to learn, or has all forgotten, is forgotten at once, whatever they report meanwhile."""

import asyncio
from uuid import UUID

import pytest

from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.plays import choices, queries, retention, watches
from server.plays.wire import Play, Watch
from storage.postgres import Pool
from tests.people import Client, Person
from tests.server.plays.conftest import watched
from tests.videos import published

LOGGED = "SELECT count(*) FROM watch_log WHERE account_id = $1"
OLD = "SELECT count(*) FROM watch_log JOIN watch_choice USING (account_id) WHERE account_id = $1 AND at < since"
WAITERS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


async def report(person: Person, video_id: UUID) -> None:
    assert (await person.post(f"/videos/{video_id}/views", json=watched())).status == 202


async def test_an_account_that_opted_out_is_logged_no_more_and_begins_anew_later(
    client: Client, ann: Person, ben: Person, pool: Pool
) -> None:
    video_id = await published(client, ann)
    await report(ben, video_id)
    assert (await ben.patch("/me/suggestions", json={"learns": False})).body["since"] is not None
    await report(ben, video_id)
    assert await pool.fetchval(LOGGED, ben.id) == 0
    again = (await ben.patch("/me/suggestions", json={"learns": True})).body
    assert again["learns"]
    await report(ben, video_id)
    assert await pool.fetchval(LOGGED, ben.id) == 1
    assert await pool.fetchval(OLD, ben.id) == 0
    # To choose what was chosen already changes nothing.
    assert (await ben.patch("/me/suggestions", json={"learns": True})).body == again
    assert await pool.fetchval(LOGGED, ben.id) == 1
    assert await pool.fetchval("SELECT reports FROM play WHERE account_id = $1", ben.id) == 3


async def test_reports_that_come_while_one_chooses_leave_nothing_from_before(
    client: Client, ann: Person, ben: Person, pool: Pool
) -> None:
    video_id = await published(client, ann)
    for _ in range(3):
        await asyncio.gather(*(report(ben, video_id) for _ in range(5)), ben.delete("/me/suggestions"))
        assert await pool.fetchval(OLD, ben.id) == 0
    await asyncio.gather(*(report(ben, video_id) for _ in range(10)), ben.patch("/me/suggestions", json={"learns": False}))
    assert await pool.fetchval(LOGGED, ben.id) == 0


async def test_a_report_that_is_being_kept_is_waited_for(client: Client, ann: Person, ben: Person, pool: Pool) -> None:
    video_id = await published(client, ann)
    assert ben.id
    async with pool.acquire() as conn, conn.transaction():
        await queries.begin(conn, ben.id, [video_id])
        chosen = asyncio.create_task(ben.patch("/me/suggestions", json={"learns": False}))
        async with asyncio.timeout(60):
            while not await pool.fetchval(WAITERS):
                await asyncio.sleep(0.01)
        play = Play(video_id, 1, 3000, 0, 0, 0, "link", None)
        await queries.keep(conn, ben.id, [play], [Watch(video_id, 3000, None, False, 0, "link")], 3600, 4)
    assert (await chosen).status == 200
    assert await pool.fetchval(LOGGED, ben.id) == 0


async def test_what_is_too_much_for_a_request_goes_by_the_job(
    client: Client, ann: Person, ben: Person, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "FORGOTTEN_AT_ONCE", 1)
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(retention, "ACCOUNTS_AT_ONCE", 2)
    assert ben.id
    for video_id in [await published(client, ann) for _ in range(4)]:
        await report(ben, video_id)
    async with work(client.app[POOL], client.app[ANNOUNCER], ben.id) as w:
        await choices.reset(w, ben.id)
    await report(ben, video_id)
    assert await pool.fetchval(LOGGED, ben.id) == 4
    await retention.forget(client.app)
    assert await pool.fetchval(LOGGED, ben.id) == 1
    assert await pool.fetchval(OLD, ben.id) == 0
    async with pool.acquire() as conn:
        assert await watches.left_over(conn, UUID(int=0), 7, 1000) == ([], None)
