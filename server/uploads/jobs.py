"""Periodic: ends uploads whose time is over, and forgets those that nobody may ask for any more. Safe to run twice."""

from aiohttp import web

from server.uploads import actions, queries
from server.uploads.actions import REMEMBERED_SECONDS
from server.uploads.desk import Desk
from storage.postgres import connection

BATCH = 100


async def expire(app: web.Application) -> None:
    """End what is over, and remove what it left.

    Raises:
        StoreUnavailable: what is left is removed by a later run, when its row is forgotten at the latest.
    """
    desk = Desk.of(app)
    while await _expire_some(desk) == BATCH:
        pass
    while await _forget_some(desk) == BATCH:
        pass
    async with connection(desk.pool) as conn:
        await queries.forget_quotas(conn)


async def _expire_some(desk: Desk) -> int:
    async with connection(desk.pool) as conn:
        ended = await queries.expire(conn, BATCH)
    for left in ended:
        await actions.clean(desk, left)
    return len(ended)


async def _forget_some(desk: Desk) -> int:
    async with connection(desk.pool) as conn:
        over = await queries.forgotten(conn, BATCH, REMEMBERED_SECONDS)
    for left in over:
        # Once more: whoever ended it may have been killed before it had removed everything. The row goes last.
        await actions.clean(desk, left)
        async with connection(desk.pool) as conn:
            await queries.delete(conn, left.account_id, left.id)
    return len(over)
