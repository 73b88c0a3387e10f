"""Tables that are kept by day (UTC): their days are made ahead, and dropped when they are over.

A day is a table of its own, so forgetting one deletes no row. What no day was made for lies in the rest (`…_rest`), and is moved
when its day is made. Whoever reads or writes is held up for LOCK_MILLISECONDS at the most while we wait for a lock, and for
HELD_MILLISECONDS by each statement behind it.
"""

import logging
from datetime import date, timedelta

import asyncpg

from storage.postgres import CONNECT_SECONDS, Pool, Rows, connection

AHEAD_DAYS = 3
"""So many days are made before they begin: for so long nobody has to look."""
LOCK_MILLISECONDS = 300
"""We wait no longer for a lock, because others queue up behind us; the next run tries again."""
HELD_MILLISECONDS = 800
"""No statement takes longer while others wait for our locks: three do at the most, and reports give up after three seconds."""
MOVED_AT_ONCE = 50_000
"""Rows of a day that are moved while nobody can write there: half a second. A day with more stays in the rest."""
DELETED_AT_ONCE = 5000

PARTITIONS = """
SELECT c.relname AS name
FROM pg_inherits AS i
JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = to_regclass($1::text)
ORDER BY c.relname
"""
TODAY = "SELECT (now() AT TIME ZONE 'UTC')::date"
THERE = "SELECT to_regclass($1::text) IS NOT NULL"

_BUSY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.QueryCanceledError)

log = logging.getLogger(__name__)


class _TooMany(Exception):
    """So many rows of the day are in the rest that moving them would hold up others."""


async def tend(pool: Pool, table: str, kept_days: int) -> None:
    """Make the days that come, today with them, and drop those before the last `kept_days`.

    What somebody holds is left to the next run. `table` has a column `day`, and is partitioned by it.
    """
    async with connection(pool) as conn:
        today: date = await conn.fetchval(TODAY)
        known = await days(conn, table)
    first = today - timedelta(days=kept_days - 1)
    for day in [day for day in known if day < first]:
        if not await drop(pool, table, day):
            break  # whoever reads has the others as well: each try would hold up writers
    await _empty_rest(pool, table, first)
    for day in [today + timedelta(days=ahead) for ahead in range(AHEAD_DAYS + 1)]:
        if day not in known:
            await make(pool, table, day)


async def days(conn: Rows, table: str) -> list[date]:
    """Days that have a table, in order."""
    names = [row["name"] for row in await conn.fetch(PARTITIONS, table)]
    return [date.fromisoformat(name.removeprefix(f"{table}_")) for name in names if name != _rest(table)]


async def make(pool: Pool, table: str, day: date) -> bool:
    """Make a day, with what the rest has of it; False if that is not possible now."""
    try:
        async with pool.acquire(timeout=CONNECT_SECONDS) as conn:
            await _require_few(conn, table, day)
            async with conn.transaction():
                await _make(conn, table, day)
    except _BUSY:
        log.info("%s: %s could not be made, somebody is at it; the next run tries again", table, day)
        return False
    except _TooMany:
        log.warning("%s: %s has too many rows in %s to be moved; they stay there until they are old", table, day, _rest(table))
        return False
    return True


async def drop(pool: Pool, table: str, day: date) -> bool:
    """Drop a day with all its rows; False if that is not possible now."""
    try:
        async with pool.acquire(timeout=CONNECT_SECONDS) as conn, conn.transaction():
            await _be_quick(conn)
            await conn.execute(f"DROP TABLE IF EXISTS {_of_day(table, day)}")
    except _BUSY:
        log.info("%s: %s could not be dropped, somebody reads it; the next run tries again", table, day)
        return False
    log.info("%s: %s is over", table, day)
    return True


async def rest_rows(conn: Rows, table: str, most: int) -> int:
    """How many rows lie where no day was made for them; no more than `most` are counted."""
    found: int = await conn.fetchval(f"SELECT count(*) FROM (SELECT FROM {_rest(table)} LIMIT $1) AS r", most)  # noqa: S608 - ours
    return found


async def _require_few(conn: Rows, table: str, day: date) -> None:
    """Ahead of all locks: what is too much would hold up writers at each run."""
    few = f"SELECT count(*) FROM (SELECT FROM {_rest(table)} WHERE day = $1 LIMIT $2) AS r"  # noqa: S608 - names of ours
    if await conn.fetchval(few, day, MOVED_AT_ONCE + 1) > MOVED_AT_ONCE:
        raise _TooMany


async def _make(conn: Rows, table: str, day: date) -> None:
    name, rest = _of_day(table, day), _rest(table)
    await _be_quick(conn)
    # Nobody writes meanwhile: who waited for the rest would find that the row does not belong there any more.
    await conn.execute(f"LOCK TABLE ONLY {table} IN SHARE ROW EXCLUSIVE MODE")
    if await conn.fetchval(THERE, name):
        return
    await conn.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING INDEXES)")
    await conn.execute(f"LOCK TABLE {rest} IN ACCESS EXCLUSIVE MODE")
    moved = f"WITH moved AS (DELETE FROM {rest} WHERE day = $1 RETURNING *) INSERT INTO {name} SELECT * FROM moved"  # noqa: S608
    await conn.execute(moved, day)
    bounds = f"FROM ('{day}') TO ('{day + timedelta(days=1)}')"
    await conn.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES {bounds}")


async def _empty_rest(pool: Pool, table: str, first: date) -> None:
    """Delete rows of days that are over from where no day was made for them."""
    rest = _rest(table)
    old = f"DELETE FROM {rest} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {rest} WHERE day < $1 LIMIT $2))"  # noqa: S608 - names of ours
    async with connection(pool) as conn:
        while await conn.execute(old, first, DELETED_AT_ONCE) == f"DELETE {DELETED_AT_ONCE}":
            pass


async def _be_quick(conn: Rows) -> None:
    await conn.execute(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}; SET LOCAL statement_timeout = {HELD_MILLISECONDS}")


def _of_day(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m%d}"


def _rest(table: str) -> str:
    return f"{table}_rest"
