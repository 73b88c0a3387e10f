"""The log of what was suggested: slot, probability and model of each video, written once a second and never waited for."""

import asyncio
import logging
from collections import deque
from itertools import islice

from prometheus_client import Counter

from server.plays import watches
from server.suggestions import queries
from server.suggestions.queries import Served
from storage.postgres import CONNECT_SECONDS, Pool

MOST_WAITING = 5_000
"""Pages; what comes while so many wait, because PostgreSQL is away, is not logged."""
AT_ONCE = 100
"""Pages in one transaction, which holds a lock for each of their accounts: PostgreSQL has room for some thousands in all."""
FLUSH_SECONDS = 1.0

SUGGESTED = Counter("reelwire_suggested_total", "Videos that were suggested, by what put them there", ["source"])
LOST = Counter("reelwire_suggested_unlogged_total", "Pages of suggestions that were not logged")

log = logging.getLogger(__name__)


class ServedLog:
    """What waits to be written."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: deque[Served] = deque()
        self._writing = asyncio.Lock()

    def add(self, page: Served) -> None:
        """Log this page some time soon."""
        if len(self._waiting) >= MOST_WAITING:
            LOST.inc()
        elif page.video_ids:
            self._waiting.append(page)

    async def flush(self) -> None:
        """Write what waits, but what accounts have forbidden or had forgotten meanwhile. What could not be written waits on."""
        async with self._writing:  # two at once would write the same pages
            while self._waiting:
                await self._write(list(islice(self._waiting, AT_ONCE)))

    async def _write(self, pages: list[Served]) -> None:
        """Write the first ones that wait, which wait no more as soon as that stands."""
        async with self._pool.acquire(timeout=CONNECT_SECONDS) as conn:
            async with conn.transaction():
                await watches.share(conn, [page.account_id for page in pages])
                await queries.keep_served(conn, pages)
            for _ in pages:
                self._waiting.popleft()
