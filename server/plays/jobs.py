"""What is done with plays later: views that counted are folded into the counts; what is old or left over goes."""

import random
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from uuid import UUID

from aiohttp import web

from server.kit.request import POOL
from server.kit.tasks import keep_doing, running
from server.plays import queries
from server.plays.actions import SHARDS
from server.plays.queries import Folded
from server.plays.windows import WINDOWS
from storage import walks
from storage.postgres import CONNECT_SECONDS, Pool, connection

FOLD_SECONDS = 1.0
"""The longest pause between two folds of a process; counts are promised within five seconds."""
FOLDED_AT_ONCE = 5000
"""Views that one transaction folds."""
DAYS_KEPT = 90
"""So many days, today included, the views of each video are known by day."""
ROWS_AT_ONCE = 5000
"""Rows that one statement deletes."""
VIDEOS_AT_ONCE = 1000
"""Watched videos that one run looks at, whether they still are there."""

WALK = "plays"
BEGINNING = UUID(int=0)


Counted = Callable[[Sequence[Folded]], None]
"""Who is told what was added to the counts."""


async def folding(app: web.Application) -> AsyncIterator[None]:
    """Every `serve` folds: counts move while one of them lives."""
    work = partial(fold, app[POOL], app[WINDOWS].counted)
    async with running("folding views", keep_doing(work, FOLD_SECONDS, "views cannot be folded")):
        yield


def _nobody(_: Sequence[Folded]) -> None:
    return


async def fold(pool: Pool, counted: Counted = _nobody) -> None:
    """Add what counted to the counts, until nothing waits that no other process has taken; `counted` hears of each commit."""
    async with connection(pool) as conn:
        shards = await queries.waiting(conn, SHARDS)
    random.shuffle(shards)  # processes get less into each other's way
    for shard in shards:
        while await _fold_batch(pool, shard, counted) == FOLDED_AT_ONCE:
            pass


async def _fold_batch(pool: Pool, shard: int, counted: Counted) -> int:
    """Take some views and add them, in one transaction: each counts once, whoever dies at whatever step. How many were taken."""
    async with pool.acquire(timeout=CONNECT_SECONDS) as conn, conn.transaction():
        taken = await queries.take_counted(conn, shard, FOLDED_AT_ONCE)
        there = await queries.there(conn, [one.video_id for one in taken])
        added = [one for one in taken if one.video_id in there]
        await queries.add(conn, added)
    counted(added)
    return sum(one.views for one in taken)


async def tidy(app: web.Application) -> None:
    """The periodic job: days that are over, and what accounts watched of videos that are deleted."""
    async with connection(app[POOL]) as conn:
        while await queries.forget_days(conn, DAYS_KEPT, ROWS_AT_ONCE) == ROWS_AT_ONCE:
            pass
        after = UUID(await walks.position(conn, WALK) or str(BEGINNING))
        slice_ = await queries.walk(conn, after, VIDEOS_AT_ONCE)
        await app[WINDOWS].forget([video_id for video_id, gone in slice_ if gone])
        for video_id, gone in slice_:
            while gone and await queries.forget_plays(conn, video_id, ROWS_AT_ONCE) == ROWS_AT_ONCE:
                pass
        await walks.move(conn, WALK, str(slice_[-1][0]) if len(slice_) == VIDEOS_AT_ONCE else "")
