"""Migrations: numbered SQL files, applied once, in order, under a lock, each in its own transaction."""

import asyncio
import hashlib
import logging
import random
from dataclasses import dataclass
from pathlib import Path

import asyncpg

FOLDER = Path(__file__).parent / "migrations"
LOCK = 7_224_901  # any number that nothing else in this database locks
LOCK_SECONDS = 120.0
POLL_SECONDS = 0.2
LOCK_ATTEMPTS = 20
CONNECT_ATTEMPTS = 20

log = logging.getLogger(__name__)

TABLE = """
CREATE TABLE IF NOT EXISTS schema_migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
APPLIED = "SELECT number, sha256 FROM schema_migration ORDER BY number"
RECORD = "INSERT INTO schema_migration (number, name, sha256) VALUES ($1, $2, $3)"


class MigrationError(Exception):
    """The files and the database do not fit together; the message names the file."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file, as it is now."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read(folder: Path = FOLDER) -> list[Migration]:
    """The files `NNNN_name.sql` in order.

    Raises:
        MigrationError: a number is missing or used twice.
    """
    found = [Migration(int(p.name[:4]), p.name, p.read_text()) for p in sorted(folder.glob("[0-9]*.sql"))]
    for expected, migration in enumerate(found, start=1):
        if migration.number != expected:
            raise MigrationError(f"{migration.name}: expected number {expected:04d}")
    return found


async def apply(dsn: str, migrations: list[Migration]) -> list[str]:
    """Bring the database up to date; any number of processes may call this at once.

    Returns:
        The names of what this call applied.

    Raises:
        MigrationError: an applied file was edited, or the database is newer than the files.
    """
    conn = await _connect(dsn)
    try:
        await _lock(conn)
        await conn.execute(TABLE)
        applied = {row["number"]: row["sha256"] for row in await conn.fetch(APPLIED)}
        _compare(applied, migrations)
        fresh = [m for m in migrations if m.number not in applied]
        for migration in fresh:
            await _apply_one(conn, migration)
            log.info("applied %s", migration.name)
        return [m.name for m in fresh]
    finally:
        await conn.close()


async def _apply_one(conn: "asyncpg.Connection[asyncpg.Record]", migration: Migration) -> None:
    """In a transaction of its own; who gets in the way of a serving system, or it in ours, tries again a few times."""
    for attempt in range(1, LOCK_ATTEMPTS + 1):
        try:
            async with conn.transaction():
                await conn.execute(migration.sql)
                await conn.execute(RECORD, migration.number, migration.name, migration.sha256)
        except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError) as error:
            if attempt == LOCK_ATTEMPTS:
                raise
            log.info("%s waits for its locks: %r", migration.name, error)
            await asyncio.sleep(random.uniform(0.2, 1.0))  # noqa: S311 - jitter
        else:
            return


def _compare(applied: dict[int, str], migrations: list[Migration]) -> None:
    known = {m.number: m for m in migrations}
    for number, sha256 in applied.items():
        if number not in known:
            raise MigrationError(f"the database has migration {number:04d}, which this version does not know")
        if known[number].sha256 != sha256:
            raise MigrationError(f"{known[number].name} was changed after it had been applied")


async def _lock(conn: "asyncpg.Connection[asyncpg.Record]") -> None:
    # Waiting inside pg_advisory_lock would deadlock with a holder's CREATE INDEX CONCURRENTLY: ask again instead.
    async with asyncio.timeout(LOCK_SECONDS):
        while not await conn.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(POLL_SECONDS)


async def _connect(dsn: str) -> "asyncpg.Connection[asyncpg.Record]":
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
