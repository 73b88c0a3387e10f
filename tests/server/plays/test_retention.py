"""The periodic job: each table that is kept by day has its days, and says what lies beside them; no report waits for it."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest

from server.plays import retention
from storage import partitions
from storage.partitions import drop, make
from storage.postgres import Pool
from tests.days import DAY, LOG, LOGGED, places, somebody_on_two_days
from tests.people import Client, Person
from tests.server.plays.conftest import watched
from tests.videos import published


async def test_each_table_has_its_days_after_a_run(client: Client, pool: Pool) -> None:
    await retention.tend(client.app)
    today = await pool.fetchval(partitions.TODAY)
    async with pool.acquire() as conn:
        for table in retention.TABLES:
            assert today in await partitions.days(conn, table)
            assert retention.REST.labels(table)._value.get() == await partitions.rest_rows(conn, table, 10)


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
    client: Client, ann: Person, ben: Person, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "LOCK_MILLISECONDS", 20)
    video_id = await published(client, ann)
    async with somebody_on_two_days(pool) as somebody:
        assert await make(pool, LOG, DAY)
        async with pool.acquire() as reader, reader.transaction():
            assert await reader.fetchval(LOGGED, somebody) == 3
            assert not await drop(pool, LOG, DAY)
            assert not await make(pool, LOG, DAY + timedelta(days=1))
            assert (await ben.post(f"/videos/{video_id}/views", json=watched())).status == 202
        assert await places(pool, somebody) == ["watch_log_20010203"] * 2 + ["watch_log_rest"]
        assert await drop(pool, LOG, DAY)
