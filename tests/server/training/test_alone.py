"""Who trains does it alone, and only for as long as the lease is theirs."""

import asyncio

import pytest
from aiohttp import web

from server.kit.request import POOL
from server.training import alone as leasing
from server.training.alone import alone
from storage.postgres import connection


async def test_a_second_one_is_told_so(app: web.Application) -> None:
    async with alone(app[POOL]) as ours, alone(app[POOL]) as theirs:
        assert (ours, theirs) == (True, False)
    async with alone(app[POOL]) as again:
        assert again


async def test_whoever_lost_the_lease_is_cut(app: web.Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leasing, "KEEP_SECONDS", 0.01)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_lose(app), 60)
    async with connection(app[POOL]) as conn:
        await conn.execute("DELETE FROM lease WHERE name = $1", leasing.LEASE)


async def _lose(app: web.Application) -> None:
    async with alone(app[POOL]) as ours:
        assert ours
        async with connection(app[POOL]) as conn:
            await conn.execute("UPDATE lease SET holder = 'somebody else' WHERE name = $1", leasing.LEASE)
        await asyncio.sleep(600)
