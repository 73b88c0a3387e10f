"""Each of many by itself: what goes wrong with one video or job is logged, and holds up no other."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar
from uuid import UUID

from aiohttp import web

from server.kit.request import POOL, SETTINGS, STORE
from server.videos.actions import STORE_OR_AWAY
from storage import walks
from storage.postgres import Rows, connection

BEGINNING = UUID(int=0)

log = logging.getLogger(__name__)


class Item(Protocol):
    """One of many that are walked along by their ids."""

    @property
    def id(self) -> UUID: ...


T = TypeVar("T", bound=Item)


@asynccontextmanager
async def alone(app: web.Application, what: UUID | str) -> AsyncIterator[None]:
    """Log whatever goes wrong in the block, and go on after it.

    Raises:
        StoreUnavailable, ObjectMissing, and what AWAY has: the store or PostgreSQL as a whole does not answer.
    """
    try:
        yield
    except STORE_OR_AWAY as error:
        log.warning("reconciler: %s is left for another time: %r", what, error)
        await _require_dependencies(app)  # where nothing answers, no item is to blame
    except Exception:
        log.exception("reconciler: %s is left for another time", what)


async def look_along(
    app: web.Application,
    walk: str,
    slice_of: Callable[[Rows, UUID, int], Awaitable[list[T]]],
    limit: int,
    look: Callable[[web.Application, T], Awaitable[None]],
) -> None:
    """Look at the next so many items, each by itself, from where this walk stands; behind the last one it begins again.

    Raises:
        StoreUnavailable, ObjectMissing, and what AWAY has: as `alone`; the next run goes on.
    """
    async with alone(app, walk):
        async with connection(app[POOL]) as conn:
            after = UUID(await walks.position(conn, walk) or str(BEGINNING))
            items = await slice_of(conn, after, limit)
        for item in items:
            async with alone(app, item.id):
                await look(app, item)
        async with connection(app[POOL]) as conn:
            await walks.move(conn, walk, str(items[-1].id) if len(items) == limit else "")


async def _require_dependencies(app: web.Application) -> None:
    async with connection(app[POOL]) as conn:
        await conn.execute("SELECT 1")
    for bucket in (app[SETTINGS].s3_bucket, app[SETTINGS].s3_raw_bucket):
        await app[STORE].check(bucket)
