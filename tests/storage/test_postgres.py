"""Connections that come back to the pool go on as they are, and still none of them takes a transaction along."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from server.settings import Settings
from storage.postgres import STATEMENT_SECONDS, Pool, allow, close_pool, connection, open_pool


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    """Of one connection."""
    found = await open_pool(settings.database_url, 1, "test postgres")
    yield found
    await close_pool(found)


async def test_a_connection_is_used_again_without_a_statement_in_between(pool: Pool) -> None:
    async with connection(pool) as conn:
        first = await conn.fetchval("SELECT pg_backend_pid()")
    said: list[str] = []

    def note(said_now: asyncpg.connection.LoggedQuery) -> None:
        said.append(said_now.query)

    async with connection(pool) as conn:
        conn.add_query_logger(note)
        assert await conn.fetchval("SELECT pg_backend_pid()") == first
    async with connection(pool) as conn:
        await conn.fetchval("SELECT 1")
        conn.remove_query_logger(note)
    assert said == ["SELECT pg_backend_pid()", "SELECT 1"]


async def test_a_transaction_that_was_left_open_ends_with_its_use(pool: Pool) -> None:
    loop = asyncio.get_running_loop()
    complaints: list[str] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context["message"]))
    try:
        async with connection(pool) as conn:
            await conn.execute("BEGIN")
            await conn.execute("CREATE TABLE left_open (id integer)")
    finally:
        loop.set_exception_handler(None)
    # What others left behind on this loop may complain as well.
    assert sum("transaction" in complaint for complaint in complaints) == 1
    async with connection(pool) as conn:
        with pytest.raises(asyncpg.UndefinedTableError):
            await conn.fetch("SELECT id FROM left_open")


async def test_what_a_transaction_sets_for_itself_ends_with_it(pool: Pool) -> None:
    async with connection(pool) as conn, conn.transaction():
        await conn.execute("SELECT set_config('statement_timeout', '1', true)")
    async with connection(pool) as conn:
        assert await conn.fetchval("SHOW statement_timeout") == "4s"


async def test_a_statement_may_take_longer_in_its_own_transaction_alone(pool: Pool) -> None:
    async with pool.acquire() as conn:
        async with conn.transaction():
            await allow(conn, 90.0)
            assert await conn.fetchval("SHOW statement_timeout") == "90s"
        assert await conn.fetchval("SHOW statement_timeout") == f"{STATEMENT_SECONDS:.0f}s"
