"""The periodic job `signals`: days of what suggestions learn from come and go, and so does what accounts had forgotten."""

from uuid import UUID

from aiohttp import web
from prometheus_client import Gauge

from server.kit.request import POOL, SETTINGS
from server.plays import watches
from storage import partitions, walks
from storage.postgres import connection

TABLES = ("watch_log", "suggestion_served")
"""Kept by day. Of the second one this room knows the days alone."""
ROWS_AT_ONCE = 5000
"""Rows that one statement deletes."""
ACCOUNTS_AT_ONCE, STEPS = 200, 100
"""Accounts that chose are walked along in so large steps, so many in a run: forty million in CHOSEN_DAYS."""
CHOSEN_DAYS = 7
"""Of those who chose in the last so many days the log is looked at."""
MOST_COUNTED = 100_000
WALK = "signals"

REST = Gauge(
    "reelwire_signals_rest",
    "Rows of signals for whose day there is no table, 100,000 at the most",
    ["table"],
    multiprocess_mode="livemostrecent",
)


async def tend(app: web.Application) -> None:
    """One run."""
    for table in TABLES:
        await partitions.tend(app[POOL], table, app[SETTINGS].signal_days)
        async with connection(app[POOL]) as conn:
            REST.labels(table).set(await partitions.rest_rows(conn, table, MOST_COUNTED))
    await forget(app)


async def forget(app: web.Application) -> None:
    """Delete what was too much for the request that had it forgotten."""
    async with connection(app[POOL]) as conn:
        for _ in range(STEPS):
            after = UUID(await walks.position(conn, WALK) or str(UUID(int=0)))
            found, last = await watches.left_over(conn, after, CHOSEN_DAYS, ACCOUNTS_AT_ONCE)
            for account_id, choice in found:
                before = choice.since if choice.learns else None
                while await watches.forget(conn, account_id, ROWS_AT_ONCE, before) >= ROWS_AT_ONCE:
                    pass
            await walks.move(conn, WALK, str(last or ""))
            if last is None:
                break
