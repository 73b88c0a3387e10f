"""The pool of connections to PostgreSQL: what every process opens it with, and which errors mean that it is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Rows: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

CONNECT_SECONDS = 4.0
"""Waiting for a connection, free or new. With STATEMENT_SECONDS it keeps a request below its five seconds."""
STATEMENT_SECONDS = 4.0
IDLE_CONNECTION_SECONDS = 300.0
ALLOW = "SELECT set_config('statement_timeout', $1, true)"

AWAY: tuple[type[BaseException], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InsufficientResourcesError,  # of memory, of disk, of connections
    asyncpg.ReadOnlySQLTransactionError,  # a standby, before it is made the primary
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.PostgresIOError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.DeadlockDetectedError,
    ConnectionError,
    TimeoutError,
)
"""What is raised when PostgreSQL is down, restarting, frozen or full, and a later try may succeed.

The object store's and the broker's own errors are ConnectionErrors too (storage/objects.py, pubsub/broker.py)."""


async def open_pool(dsn: str, size: int, name: str) -> Pool:
    """Open a pool without waiting for a first connection, so that a process starts while PostgreSQL restarts.

    Args:
        dsn: where it is.
        size: connections at the most.
        name: shown in pg_stat_activity.
    """
    # min_size 0: connecting now would fail the start of the process, and readiness is `/readyz`'s to tell.
    return await asyncpg.create_pool(
        dsn,
        connect=_connect,
        reset=_as_it_is,
        min_size=0,
        max_size=size,
        timeout=CONNECT_SECONDS,
        command_timeout=STATEMENT_SECONDS,
        max_inactive_connection_lifetime=IDLE_CONNECTION_SECONDS,
        server_settings={
            "application_name": name,
            "timezone": "UTC",
            # The server's own limits hold where this process is frozen or gone.
            "statement_timeout": f"{int(STATEMENT_SECONDS * 1000)}",
            "idle_in_transaction_session_timeout": "15000",
            "lock_timeout": "3000",
        },
    )


async def _connect(*arguments: Any, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":
    """A new connection; one that the system refuses for whatever reason (no socket file, no such host) is refused alike."""
    try:
        return await asyncpg.connect(*arguments, **options)
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        raise ConnectionRefusedError(str(error)) from error


async def _as_it_is(_: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Leave a connection that comes back as it is: the pool has ended its transaction, and beyond one we set nothing.

    The default is a round trip behind each use: no session of ours has settings, cursors, listens or locks to be reset.
    """


@asynccontextmanager
async def connection(pool: Pool) -> AsyncIterator[Rows]:
    """A connection outside of a transaction.

    Raises:
        TimeoutError: none came free in CONNECT_SECONDS.
    """
    async with pool.acquire(timeout=CONNECT_SECONDS) as conn:
        yield conn


async def allow(conn: Rows, seconds: float) -> None:
    """Let each statement of this transaction take so long. asyncpg has to be told as well, with each (`timeout`)."""
    await conn.execute(ALLOW, f"{int(seconds * 1000)}ms")


async def close_pool(pool: Pool, seconds: float = 3.0) -> None:
    """Close gently, then by force when connections are still in use."""
    try:
        async with asyncio.timeout(seconds):
            await pool.close()
    except TimeoutError:
        pool.terminate()
