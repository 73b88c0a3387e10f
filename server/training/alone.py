"""The lease of whoever trains, by the clock or by hand: short, and renewed for as long as that takes."""

import asyncio
import os
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from server.kit.ids import new_id
from server.kit.tasks import running
from storage import leases
from storage.postgres import AWAY, Pool, connection

LEASE = "training"
HOLD_SECONDS = 120.0
"""So long after whoever trains was killed another one may begin."""
KEEP_SECONDS = 20.0


@asynccontextmanager
async def alone(pool: Pool) -> AsyncIterator[bool]:
    """Whether nobody else trains; nobody begins during the block then.

    Raises:
        TimeoutError: the lease could not be renewed, and the block was cut for that.
    """
    holder = f"{socket.gethostname()}:{os.getpid()}:{new_id()}"
    async with connection(pool) as conn:
        ours = await leases.take_if_due(conn, LEASE, holder, 0.0, HOLD_SECONDS)
    if not ours:
        yield False
        return
    try:
        async with asyncio.timeout(HOLD_SECONDS) as limit, running("lease of training", _keep(pool, holder, limit)):
            yield True
    finally:
        with suppress(*AWAY):
            async with connection(pool) as conn:
                await leases.release(conn, LEASE, holder)


async def _keep(pool: Pool, holder: str, limit: asyncio.Timeout) -> None:
    """Renew it again and again; the block ends when that did not succeed for as long as the lease was ours."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(KEEP_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
        began = loop.time()
        with suppress(*AWAY):
            async with connection(pool) as conn:
                kept = await leases.keep(conn, LEASE, holder, HOLD_SECONDS)
            limit.reschedule(began + HOLD_SECONDS if kept else began)
            if not kept:
                return
