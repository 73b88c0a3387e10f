"""Periodic: ends uploads whose time is over, and forgets those that nobody may ask for any more. Safe to run twice."""

import logging

from aiohttp import web

from server.uploads import actions, queries
from server.uploads.actions import REMEMBERED_SECONDS
from server.uploads.desk import Desk
from server.uploads.queries import Leftover
from server.videos.actions import LONGEST_RETRY_SECONDS, RETRY_SECONDS, STORE_FAILURES
from storage.postgres import connection

BATCH = 100

log = logging.getLogger(__name__)


async def expire(app: web.Application) -> None:
    """End what is over, and remove what it left. What cannot be removed is put off and holds up nothing else.

    Raises:
        StoreUnavailable, ObjectMissing: the store as a whole does not answer, or the bucket is gone; what is left is removed by
            a later run, when its row is forgotten at the latest.
    """
    desk, failed = Desk.of(app), 0
    for step in (_expire_some, _forget_some):
        results = [False] * BATCH
        while len(results) == BATCH:
            results = await step(desk)
            failed += results.count(False)
    if failed:
        log.warning("what %d uploads left could not be removed; each is tried again later", failed)
    async with connection(desk.pool) as conn:
        await queries.forget_quotas(conn)


async def _expire_some(desk: Desk) -> list[bool]:
    """Of each that was ended, whether what it left is gone."""
    async with connection(desk.pool) as conn:
        ended = await queries.expire(conn, BATCH)
    return [await _clean(desk, left) for left in ended]


async def _forget_some(desk: Desk) -> list[bool]:
    """Of each that nobody may ask for any more, whether what it left is gone."""
    async with connection(desk.pool) as conn:
        over = await queries.forgotten(conn, BATCH, REMEMBERED_SECONDS)
    return [await _forget(desk, left) for left in over]


async def _forget(desk: Desk, left: Leftover) -> bool:
    # Once more: whoever ended it may have been killed before it had removed everything. The row goes last.
    clean = await _clean(desk, left)
    if clean:
        async with connection(desk.pool) as conn:
            await queries.delete(conn, left.account_id, left.id)
    return clean


async def _clean(desk: Desk, left: Leftover) -> bool:
    try:
        await actions.clean(desk, left)
    except STORE_FAILURES as error:
        await desk.store.check(desk.bucket)  # where nothing can be removed, no upload is to blame
        log.info("what upload %s left could not be removed: %r", left.id, error)
        async with connection(desk.pool) as conn:
            await queries.put_off(conn, left.account_id, left.id, RETRY_SECONDS, LONGEST_RETRY_SECONDS)
        return False
    return True
