"""Each of many by itself: what goes wrong with one video or job is logged, and holds up no other."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from aiohttp import web

from server.kit.request import POOL, SETTINGS, STORE
from server.videos.actions import STORE_OR_AWAY
from storage.postgres import connection

log = logging.getLogger(__name__)


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


async def _require_dependencies(app: web.Application) -> None:
    async with connection(app[POOL]) as conn:
        await conn.execute("SELECT 1")
    for bucket in (app[SETTINGS].s3_bucket, app[SETTINGS].s3_raw_bucket):
        await app[STORE].check(bucket)
