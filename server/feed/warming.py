"""Makes feeds ready before their readers come: the job of a process that has just started, and of every ten minutes after."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from uuid import UUID

from aiohttp import web

from server.accounts import queries as accounts
from server.feed.memory import FEED_MEMORY, Asked, Cursor, FeedMemory
from server.feed.now import FOLLOWING, cursor_in
from server.kit.paging import DEFAULT_LIMIT, FIRST
from server.kit.request import POOL, SETTINGS
from server.kit.tasks import running
from storage.postgres import AWAY, Pool, connection

ACTIVE_SECONDS = 86_400.0
"""Whoever has used a log-in so lately is expected again; with a service that people use daily that is a fifth of all."""
START_SECONDS = 4.0
"""A process that starts takes requests after so long at the latest, and goes on behind them."""
AGAIN_SECONDS = 600.0
AT_ONCE = 16
"""Readers whose pages are made at the same time; the statements are shared."""
PAUSE_SECONDS = 0.02
"""Between these, for whoever asks for something else."""

log = logging.getLogger(__name__)


async def warming(app: web.Application) -> AsyncIterator[None]:
    """Warm up before requests come, and go on for ever."""
    most = app[SETTINGS].feed_warm_readers
    if not most:
        yield
        return
    started = asyncio.Event()
    work = partial(_warm, app[POOL], app[FEED_MEMORY], cursor_in(FOLLOWING), most)
    async with running("warming", _for_ever(work, started)):
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                await started.wait()
        yield


async def _for_ever(work: Callable[[], Coroutine[None, None, None]], started: asyncio.Event) -> None:
    while True:
        await work()
        started.set()
        await asyncio.sleep(AGAIN_SECONDS)


async def _warm(pool: Pool, memory: FeedMemory, cursor: Cursor, most: int) -> None:
    """Make the pages of who was here lately, the latest first. What fails is made when it is asked for."""
    try:
        async with connection(pool) as conn:
            active = await accounts.active(conn, ACTIVE_SECONDS, most)
        for at in range(0, len(active), AT_ONCE):
            await _make(memory, cursor, active[at : at + AT_ONCE])
            await asyncio.sleep(PAUSE_SECONDS)
        log.info("feeds of %d accounts are in memory", len(memory.readers.known))
    except* AWAY as error:
        log.info("feeds are not made ready: %r", error)


async def _make(memory: FeedMemory, cursor: Cursor, account_ids: Sequence[UUID]) -> None:
    while (position := memory.position()) is None:  # noqa: ASYNC110 - nothing tells us
        await asyncio.sleep(PAUSE_SECONDS)
    asked = Asked(DEFAULT_LIMIT, FIRST, None)
    cold = [i for i in account_ids if memory.now(i, DEFAULT_LIMIT, position, cursor) is None]
    async with asyncio.TaskGroup() as group:
        for account_id in cold:
            group.create_task(memory.page(account_id, asked, position, cursor))
