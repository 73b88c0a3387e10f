"""Tables that are kept by day: their days come and go, and no row is lost or in the way."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from server.settings import Settings
from storage import partitions
from storage.partitions import AHEAD_DAYS, days, drop, make, rest_rows, tend
from storage.postgres import Pool, close_pool, open_pool
from tests.days import DAY, LOG, LOGGED, places, somebody_on_two_days


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    found = await open_pool(settings.database_url, 5, "test partitions")
    yield found
    await close_pool(found)


@pytest.fixture
async def somebody(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[UUID]:
    """Who has watched on two days for which there is no table. A machine that stalls is nobody who holds something."""
    for limit in ("LOCK_MILLISECONDS", "HELD_MILLISECONDS"):
        monkeypatch.setattr(partitions, limit, 20_000)
    async with somebody_on_two_days(pool) as account_id:
        yield account_id


async def known(pool: Pool) -> list[date]:
    async with pool.acquire() as conn:
        return await days(conn, LOG)


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
