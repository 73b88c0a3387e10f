"""Migrations: numbered SQL files, applied once, in order, under a lock, while others read and write.

A step that was done is recorded, so whoever is killed is followed by another, who goes on behind it. What waits for a lock that
others would queue up behind does so for LOCK_TIMEOUT alone, and comes again later.
"""

import asyncio
import logging
import random
from typing import TypeAlias

import asyncpg

from storage.migration_files import Migration, MigrationError, Step, read

LOCK = 7_224_901  # any number that nothing else in this database locks
LOCK_SECONDS = 3600.0
"""So long a process waits for another one that is applying migrations."""
POLL_SECONDS = 0.2
LOCK_TIMEOUT = "500ms"
"""A step that is a transaction waits no longer for any lock: as long wait those who come behind it."""
ATTEMPTS = 40
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 10.0
"""Pauses between attempts double, with jitter: six minutes in all."""
BUILD_LOCK_TIMEOUT = "30min"
"""Whoever builds an index waits for transactions that began before, and nobody waits for it meanwhile."""
NOTICE_SECONDS = "2s"
"""The server looks so often whether we still live, and ends what it does for us else."""
CONNECT_ATTEMPTS = 20

__all__ = ["Migration", "MigrationError", "apply", "read", "run"]

log = logging.getLogger(__name__)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

TABLES = """
CREATE TABLE IF NOT EXISTS schema_migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS schema_migration_step (
    number integer NOT NULL,
    step integer NOT NULL,
    sha256 text NOT NULL,
    done_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (number, step)
)
"""
APPLIED = "SELECT number, sha256 FROM schema_migration ORDER BY number"
RECORD = "INSERT INTO schema_migration (number, name, sha256) VALUES ($1, $2, $3)"
STEPS = "SELECT step, sha256 FROM schema_migration_step WHERE number = $1"
RECORD_STEP = "INSERT INTO schema_migration_step (number, step, sha256) VALUES ($1, $2, $3)"
FORGET_STEPS = "DELETE FROM schema_migration_step WHERE number = $1"
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)"


async def apply(dsn: str, migrations: list[Migration]) -> list[str]:
    """Bring the database up to date; any number of processes may call this at once.

    Returns:
        The names of what this call applied.

    Raises:
        MigrationError: an applied file was edited, or the database is newer than the files.
        asyncpg.LockNotAvailableError: somebody held for minutes what a step needs; what was done before it is kept.
    """
    conn = await _connect(dsn)
    try:
        await conn.execute(f"SET client_connection_check_interval = '{NOTICE_SECONDS}'")
        await _lock(conn)
        await conn.execute(TABLES)
        applied = {row["number"]: row["sha256"] for row in await conn.fetch(APPLIED)}
        _compare(applied, migrations)
        fresh = [m for m in migrations if m.number not in applied]
        for migration in fresh:
            await _apply_one(conn, migration)
            log.info("applied %s", migration.name)
        return [m.name for m in fresh]
    finally:
        await conn.close()


async def _apply_one(conn: Connection, migration: Migration) -> None:
    done = {row["step"]: row["sha256"] for row in await conn.fetch(STEPS, migration.number)}
    if any(sha256 != migration.sha256 for sha256 in done.values()):
        raise MigrationError(f"{migration.name} was changed after a part of it had been applied")
    steps = migration.steps
    for number, step in enumerate(steps):
        if number not in done:
            await _patiently(conn, migration, number, step)
    async with conn.transaction():
        await conn.execute(RECORD, migration.number, migration.name, migration.sha256)
        await conn.execute(FORGET_STEPS, migration.number)


async def _patiently(conn: Connection, migration: Migration, number: int, step: Step) -> None:
    """Who gets in the way of a serving system, or it in ours, tries again a few times."""
    record = (migration.number, number, migration.sha256)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            if step.kind == "transaction":
                await _transaction(conn, step, record)
                return
            await (_build(conn, step) if step.kind == "concurrently" else _slices(conn, step))
            await conn.execute(RECORD_STEP, *record)
        except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError) as error:
            if attempt == ATTEMPTS:
                raise
            log.info("%s waits for its locks: %r", migration.name, error)
            pause = min(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
        else:
            return


async def _transaction(conn: Connection, step: Step, record: tuple[int, int, str]) -> None:
    async with conn.transaction():
        await conn.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        await conn.execute(step.sql)
        await conn.execute(RECORD_STEP, *record)


async def _build(conn: Connection, step: Step) -> None:
    """Build or drop an index. One of which the building broke off stands there, is written, and is of no use: it goes first."""
    name, built = step.index
    valid: bool | None = await conn.fetchval(VALID, name)
    await conn.execute(f"SET lock_timeout = '{BUILD_LOCK_TIMEOUT}'")
    try:
        if valid is False or (valid and not built):
            await conn.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        if built and not valid:
            await conn.execute(step.sql)
    finally:
        await conn.execute("RESET lock_timeout")


async def _slices(conn: Connection, step: Step) -> None:
    """Each slice is a commit of its own; what was done is not found again by the next one."""
    while True:
        async with conn.transaction():
            await conn.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            done = await conn.execute(step.sql)
        if not int(done.rpartition(" ")[2]):
            return


def _compare(applied: dict[int, str], migrations: list[Migration]) -> None:
    known = {m.number: m for m in migrations}
    for number, sha256 in applied.items():
        if number not in known:
            raise MigrationError(f"the database has migration {number:04d}, which this version does not know")
        if sha256 not in {known[number].sha256, *known[number].formerly}:
            raise MigrationError(f"{known[number].name} was changed after it had been applied")


async def _lock(conn: Connection) -> None:
    # Waiting inside pg_advisory_lock would deadlock with a holder's CREATE INDEX CONCURRENTLY: ask again instead.
    async with asyncio.timeout(LOCK_SECONDS):
        while not await conn.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(POLL_SECONDS)


async def _connect(dsn: str) -> Connection:
    for attempt in range(1, CONNECT_ATTEMPTS + 1):
        try:
            return await asyncpg.connect(dsn, timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError):
            if attempt == CONNECT_ATTEMPTS:
                raise
            await asyncio.sleep(min(2.0, 0.1 * 2**attempt) * random.uniform(0.5, 1))  # noqa: S311 - jitter
    raise AssertionError("unreachable")


def run(dsn: str) -> list[str]:
    """`reelwire migrate`."""
    return asyncio.run(apply(dsn, read()))
