"""What is done with notifications later: deeds become notifications every second; what is old or left over goes."""

import random
from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

from aiohttp import web

from server.deeds import queries as deeds
from server.deeds.actions import SHARDS
from server.kit.request import POOL
from server.kit.tasks import keep_doing, running
from server.notifications import actions, queries
from storage import walks
from storage.postgres import CONNECT_SECONDS, Pool, connection

TELL_SECONDS = 1.0
"""The longest pause between two rounds of a process in which it tells what was done."""
TOLD_AT_ONCE = 5000
"""Deeds that one transaction takes."""
DAYS_KEPT = 90
ACCOUNTS_AT_ONCE = 100
"""Accounts that one run of the periodic job looks at."""
WALK = "notifications"
BEGINNING = UUID(int=0)


async def telling(app: web.Application) -> AsyncIterator[None]:
    """Every `serve` tells: accounts get their notifications while one of them lives."""
    work = partial(tell, app[POOL])
    async with running("telling notifications", keep_doing(work, TELL_SECONDS, "notifications cannot be told")):
        yield


async def tell(pool: Pool) -> None:
    """Tell what was done, until nothing waits that no other process has taken."""
    async with connection(pool) as conn:
        shards = await deeds.waiting(conn, SHARDS)
    random.shuffle(shards)  # processes get less into each other's way
    for shard in shards:
        while await _tell_batch(pool, shard) == TOLD_AT_ONCE:
            pass


async def _tell_batch(pool: Pool, shard: int) -> int:
    """Take some deeds and tell them, in one transaction: each is told, and once, whoever dies at whatever step."""
    async with pool.acquire(timeout=CONNECT_SECONDS) as conn, conn.transaction():
        taken, count = await deeds.take(conn, shard, TOLD_AT_ONCE)
        await actions.tell(conn, taken)
    return count


async def tidy(app: web.Application) -> None:
    """The periodic job: what is too old or too much, and what accounts were told that are gone; of the next accounts."""
    async with connection(app[POOL]) as conn:
        after = UUID(await walks.position(conn, WALK) or str(BEGINNING))
        slice_ = await queries.walk(conn, after, ACCOUNTS_AT_ONCE)
        there = [account_id for account_id, gone in slice_ if not gone]
        await queries.forget(conn, [account_id for account_id, gone in slice_ if gone])
        await queries.forget_old(conn, there, DAYS_KEPT)
        await queries.trim(conn, there, actions.MOST_KEPT)
        await walks.move(conn, WALK, str(slice_[-1][0]) if len(slice_) == ACCOUNTS_AT_ONCE else "")
