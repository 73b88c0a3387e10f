"""Days of the log come and go while reports come, and none of these is lost or refused."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from server.kit.ids import new_id
from storage import partitions
from storage.partitions import AHEAD_DAYS, days, drop, make, rest_rows, tend
from storage.postgres import Pool
from tests.people import Client, Person
from tests.server.plays.conftest import watched
from tests.videos import published

LOG = "watch_log"
DAY = date(2001, 2, 3)
INSERT = """
INSERT INTO watch_log (day, account_id, video_id, watched_ms, completed, replays, source) VALUES ($1, $2, $2, 1, true, 0, 'link')
"""
PLACES = "SELECT tableoid::regclass::text AS place FROM watch_log WHERE account_id = $1 ORDER BY place"
LOGGED = "SELECT count(*) FROM watch_log WHERE account_id = $1"


async def places(pool: Pool, account_id: UUID) -> list[str]:
    return [row["place"] for row in await pool.fetch(PLACES, account_id)]


async def known(pool: Pool) -> list[date]:
    async with pool.acquire() as conn:
        return await days(conn, LOG)


@pytest.fixture
async def somebody(pool: Pool) -> AsyncIterator[UUID]:
    """Who has watched on two days for which there is no table."""
    account_id = new_id()
    for day in (DAY, DAY, DAY + timedelta(days=1)):
        await pool.execute(INSERT, day, account_id)
    yield account_id
    await pool.execute("DELETE FROM watch_log WHERE account_id = $1", account_id)
    for ahead in range(2):
        await drop(pool, LOG, DAY + timedelta(days=ahead))


async def test_what_came_before_its_day_was_made_is_moved_there(pool: Pool, somebody: UUID) -> None:
    assert await places(pool, somebody) == ["watch_log_rest"] * 3
    assert await make(pool, LOG, DAY)
    assert await make(pool, LOG, DAY)
    assert await places(pool, somebody) == ["watch_log_20010203"] * 2 + ["watch_log_rest"]
    assert DAY in await known(pool)
    assert await drop(pool, LOG, DAY)
    assert await places(pool, somebody) == ["watch_log_rest"]


async def test_what_is_too_much_to_be_moved_stays_in_the_rest(
    pool: Pool, somebody: UUID, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(partitions, "MOVED_AT_ONCE", 1)
    assert not await make(pool, LOG, DAY)
    assert "too many rows" in caplog.text
    assert await make(pool, LOG, DAY + timedelta(days=1))
    assert await places(pool, somebody) == ["watch_log_20010204"] + ["watch_log_rest"] * 2


async def test_a_run_makes_the_days_that_come_and_drops_those_that_are_over(
    pool: Pool, somebody: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "DELETED_AT_ONCE", 1)
    today: date = await pool.fetchval(partitions.TODAY)
    first = today - timedelta(days=89)
    for day in (DAY, first - timedelta(days=1), first):
        await make(pool, LOG, day)
    await tend(pool, LOG, 90)
    assert await known(pool) == [first] + [today + timedelta(days=ahead) for ahead in range(AHEAD_DAYS + 1)]
    assert await places(pool, somebody) == []
    await tend(pool, LOG, 89)
    assert first not in await known(pool)
    async with pool.acquire() as conn:
        assert await rest_rows(conn, LOG, 10) == 0


async def test_days_that_come_and_go_disturb_no_report(client: Client, ann: Person, ben: Person, pool: Pool) -> None:
    video_id = await published(client, ann)
    today: date = await pool.fetchval(partitions.TODAY)
    await drop(pool, LOG, today)
    enough = asyncio.Event()

    async def report() -> int:
        sent = 0
        while not enough.is_set() or sent < 5:
            assert (await ben.post(f"/videos/{video_id}/views", json=watched())).status == 202
            sent += 1
        return sent

    async with asyncio.TaskGroup() as tasks:
        reports = [tasks.create_task(report(), name="reports") for _ in range(3)]
        async with asyncio.timeout(60):
            while not await pool.fetchval(LOGGED, ben.id):
                await asyncio.sleep(0.01)
            for turn in range(10):
                while not await make(pool, LOG, DAY):
                    pass
                while not await drop(pool, LOG, DAY):
                    pass
                while turn == 5 and not await make(pool, LOG, today):
                    pass
        enough.set()
    assert set(await places(pool, ben.id or UUID(int=0))) == {f"watch_log_{today:%Y%m%d}"}
    assert await pool.fetchval(LOGGED, ben.id) == sum(one.result() for one in reports)


async def test_whoever_reads_for_long_keeps_its_days_and_holds_up_nobody(
    client: Client, ann: Person, ben: Person, pool: Pool, somebody: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "LOCK_MILLISECONDS", 20)
    video_id = await published(client, ann)
    assert await make(pool, LOG, DAY)
    async with pool.acquire() as reader, reader.transaction():
        assert await reader.fetchval(LOGGED, somebody) == 3
        assert not await drop(pool, LOG, DAY)
        assert not await make(pool, LOG, DAY + timedelta(days=1))
        assert (await ben.post(f"/videos/{video_id}/views", json=watched())).status == 202
    assert await places(pool, somebody) == ["watch_log_20010203"] * 2 + ["watch_log_rest"]
    assert await drop(pool, LOG, DAY)


async def test_a_statement_that_holds_up_others_for_long_is_given_up(
    pool: Pool, somebody: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "LOCK_MILLISECONDS", 60_000)
    monkeypatch.setattr(partitions, "HELD_MILLISECONDS", 20)
    async with pool.acquire() as reader, reader.transaction():
        assert await reader.fetchval(LOGGED, somebody) == 3
        assert not await make(pool, LOG, DAY)
    assert await places(pool, somebody) == ["watch_log_rest"] * 3


async def test_where_one_day_cannot_be_dropped_the_others_wait_for_the_next_run(
    pool: Pool, somebody: UUID, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for ahead in range(2):
        assert await make(pool, LOG, DAY + timedelta(days=ahead))
    monkeypatch.setattr(partitions, "LOCK_MILLISECONDS", 20)
    async with pool.acquire() as reader, reader.transaction():
        assert await reader.fetchval(LOGGED, somebody) == 3
        await tend(pool, LOG, 90)
    assert caplog.text.count("could not be dropped") == 1
    await tend(pool, LOG, 90)
    assert DAY + timedelta(days=1) not in await known(pool)
