"""How many sessions begin at once, and in a second: after a node's death thousands come back together, and HTTP must go on."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.kit.errors import Unavailable
from server.live import metrics
from server.live.limits import OPENING_SECONDS, OPENINGS_AT_ONCE, OPENINGS_WAITING
from server.sockets.limits import RETRY_SPREAD_MS


class Crowded(Unavailable):
    """Too many sessions want to begin here; those who are refused come again spread over a few seconds."""

    def __init__(self) -> None:
        seconds = random.randint(1, RETRY_SPREAD_MS // 1000)  # noqa: S311 - spreads load
        super().__init__("Too many sessions begin here at once; try again.", retry_after=seconds)


class Admission:
    """Slots for openings, and places to wait for them in a short queue.

    A slot is free again OPENING_SECONDS after it was taken, or when its opening is over, whichever is later: the first bounds
    the rate where the machine is fast, the second where it is slow.
    """

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(OPENINGS_AT_ONCE)
        self._waiting = 0

    @asynccontextmanager
    async def opening(self) -> AsyncIterator[None]:
        """The part of an opening that needs PostgreSQL and Valkey, when it is its turn.

        Raises:
            Crowded: as many wait as may; nothing was done for this one.
        """
        if self._waiting >= OPENINGS_WAITING:
            metrics.REFUSED.inc()
            raise Crowded
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        loop = asyncio.get_running_loop()
        earliest = loop.time() + OPENING_SECONDS
        try:
            yield
        finally:
            if earliest <= loop.time():
                self._slots.release()
            else:
                loop.call_at(earliest, self._slots.release)
