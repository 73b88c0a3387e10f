"""Leases of periodic jobs."""

import asyncio
from uuid import uuid4

from server.settings import Settings
from storage import leases
from storage.postgres import close_pool, connection, open_pool


async def test_one_holder_at_a_time_and_not_before_it_is_due(settings: Settings) -> None:
    pool, name = await open_pool(settings.database_url, 5, "test"), f"job {uuid4()}"

    async def take(holder: str, every: float) -> bool:
        async with connection(pool) as conn:
            return await leases.take_if_due(conn, name, holder, every, 60)

    assert sum(await asyncio.gather(*(take(f"h{i}", 0) for i in range(5)))) == 1
    async with connection(pool) as conn:
        holder = await conn.fetchval("SELECT holder FROM lease WHERE name = $1", name)
        await leases.release(conn, name, "somebody else")
        assert not await leases.take_if_due(conn, name, "late", 0, 60)
        await leases.release(conn, name, holder)
        assert not await leases.take_if_due(conn, name, "early", 3600, 60)
        assert await leases.take_if_due(conn, name, "next", 0, 60)
    await close_pool(pool)
