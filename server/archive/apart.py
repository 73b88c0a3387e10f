"""Each item by itself, where the archive is asked as well."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from aiohttp import web

from server.kit.request import COLD
from server.transcoding.alone import alone
from storage.objects import StoreFull


@asynccontextmanager
async def apart(app: web.Application, what: UUID | str) -> AsyncIterator[None]:
    """Log whatever goes wrong in the block, and go on after it.

    Raises:
        StoreFull: nobody else's bytes will be taken either.
        StoreUnavailable, ObjectMissing, and what AWAY has: a store, that of the archive too, as a whole does not answer.
    """
    full: StoreFull | None = None
    failed = True
    async with alone(app, what):
        try:
            yield
            failed = False
        except StoreFull as error:
            full = error
    if full is not None:
        raise full
    if failed:
        await app[COLD].store.check(app[COLD].bucket)  # where it does not answer, no item is to blame
