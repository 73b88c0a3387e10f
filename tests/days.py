"""A table that is kept by day, with rows of somebody on days that no table was made for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from uuid import UUID

from server.kit.ids import new_id
from storage.partitions import drop
from storage.postgres import Pool

LOG = "watch_log"
DAY = date(2001, 2, 3)
INSERT = """
INSERT INTO watch_log (day, account_id, video_id, watched_ms, completed, replays, source) VALUES ($1, $2, $2, 1, true, 0, 'link')
"""
PLACES = "SELECT tableoid::regclass::text AS place FROM watch_log WHERE account_id = $1 ORDER BY place"
LOGGED = "SELECT count(*) FROM watch_log WHERE account_id = $1"


async def places(pool: Pool, account_id: UUID) -> list[str]:
    """The tables in which the account's rows lie."""
    return [row["place"] for row in await pool.fetch(PLACES, account_id)]


@asynccontextmanager
async def somebody_on_two_days(pool: Pool) -> AsyncIterator[UUID]:
    """Who has watched twice on DAY and once on the next; nothing of it is left afterwards."""
    account_id = new_id()
    for day in (DAY, DAY, DAY + timedelta(days=1)):
        await pool.execute(INSERT, day, account_id)
    yield account_id
    await pool.execute("DELETE FROM watch_log WHERE account_id = $1", account_id)
    for ahead in range(2):
        await drop(pool, LOG, DAY + timedelta(days=ahead))
