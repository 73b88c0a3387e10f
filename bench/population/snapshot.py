"""Databases with a town in them: it is filled in once for each folder of stores, and every run begins with a fresh copy."""

import asyncio
import hashlib
from urllib.parse import urlsplit

import asyncpg

from bench.population.filling import fill
from bench.population.rows import Connection
from bench.population.town import LARGE, Size, Town
from storage import migrate

SEED = 6
VERSION = 2
"""Of what a town is: databases of another one are not taken for it."""
COPY = "town"
DROPPED_SECONDS = 60.0


async def fresh(database_url: str, size: Size = LARGE, seed: int = SEED) -> str:
    """A database with a town that nobody has touched, beside the one of this URL; the one of the call before is dropped.

    Made once, it is copied as files: seconds, where filling the large one takes minutes. It takes twice its size on disk.

    Args:
        database_url: of a role that may create databases.
        size: of the town.
        seed: of its chance.

    Returns:
        The URL of the copy.
    """
    kept = f"town_{hashlib.sha256(repr((VERSION, seed, size)).encode()).hexdigest()[:12]}"
    conn = await asyncpg.connect(database_url)
    try:
        if not await conn.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", kept):
            await _make(conn, database_url, kept, size, seed)
        await drop(conn, COPY)
        await conn.execute(f"CREATE DATABASE {COPY} TEMPLATE {kept} STRATEGY file_copy", timeout=None)
    finally:
        await conn.close()
    copy = beside(database_url, COPY)
    await migrate.apply(copy, migrate.read())
    return copy


async def _make(conn: Connection, database_url: str, name: str, size: Size, seed: int) -> None:
    """Under another name until it is whole, should this be broken off."""
    making = f"{name}_making"
    await drop(conn, making)
    await conn.execute(f"CREATE DATABASE {making}")
    await migrate.apply(beside(database_url, making), migrate.read())
    await fill(beside(database_url, making), Town.made(size, seed))
    await conn.execute(f"ALTER DATABASE {making} RENAME TO {name}")


async def drop(conn: Connection, name: str) -> None:
    """Drop this database, where there is one, whoever is connected to it.

    Raises:
        TimeoutError: autovacuum has been at work there all the time. Its process is PostgreSQL's own, which ends by itself.
    """
    async with asyncio.timeout(DROPPED_SECONDS):
        while True:
            try:
                await conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            except asyncpg.InsufficientPrivilegeError:
                await asyncio.sleep(0.05)
            else:
                return


def beside(database_url: str, name: str) -> str:
    """The URL of another database of that server."""
    return urlsplit(database_url)._replace(path=f"/{name}").geturl()
