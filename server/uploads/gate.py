"""Keeps uploads from drowning the process or the store: bytes in memory and writes at once are limited for all together.

Whoever waits here stops reading from its client, so that the network slows down instead of memory filling up. Without the
limit on writes a hundred uploads would share the store's bandwidth until each part takes longer than the store's patience.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.objects import StoreUnavailable

HELD_BYTES = 256 * 1024 * 1024
WRITES = 3
QUEUE_SECONDS = 30.0


class Gate:
    """One per process.

    Args:
        held_bytes: bytes of uploads that may be in memory before uploads have to put theirs away early.
        writes: writes to the store at once.
    """

    def __init__(self, held_bytes: int = HELD_BYTES, writes: int = WRITES) -> None:
        self._most = held_bytes
        self._free = writes
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.held = 0

    @property
    def crowded(self) -> bool:
        """Whether too many bytes are in memory."""
        return self.held > self._most

    def hold(self, count: int) -> None:
        """So many bytes more are in memory."""
        self.held += count

    def release(self, count: int) -> None:
        """So many bytes less."""
        self.held -= count

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Write to the store, in the order of asking. When the store fails one write, those who wait are told at once.

        Raises:
            StoreUnavailable: another write failed meanwhile.
            TimeoutError: it was not our turn in QUEUE_SECONDS.
        """
        await self._enter()
        try:
            yield
        except StoreUnavailable as failure:
            while self._waiting:
                turn = self._waiting.popleft()
                if not turn.done():
                    turn.set_exception(type(failure)(*failure.args))
            raise
        finally:
            self._leave()

    async def _enter(self) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(QUEUE_SECONDS):
                await turn
        except (asyncio.CancelledError, TimeoutError):
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._leave()  # it was given to us in the moment that we went
            raise

    def _leave(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
