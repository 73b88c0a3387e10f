"""How long the next bytes of a body are waited for: until its client has been silent for too long, or the process stops."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from aiohttp.client_exceptions import ClientPayloadError

from server.kit.errors import Unavailable
from server.uploads.tus import BodyCut

SILENCE_SECONDS = 60.0
"""A body of which no byte comes for so long is given up."""
RETRY_SECONDS = 1
"""After it another process goes on from the bytes that have come."""

T = TypeVar("T")


class Patience:
    """One per process."""

    def __init__(self) -> None:
        self._waits: set[asyncio.Timeout] = set()
        self._over = False

    def end(self) -> None:
        """Wait for no body any more: aiohttp takes nothing from its connections once an application shuts down."""
        self._over = True
        for wait in self._waits:
            if not wait.expired():
                wait.reschedule(0)

    async def wait(self, step: Awaitable[T]) -> T:
        """The result of reading; what is there already can be read to the end after `end` too.

        Raises:
            BodyCut: the body broke off or went silent.
            Unavailable: the process stops.
        """
        try:
            async with asyncio.timeout(0 if self._over else SILENCE_SECONDS) as wait:
                self._waits.add(wait)
                try:
                    return await step
                finally:
                    self._waits.discard(wait)
        except (TimeoutError, ConnectionError, ClientPayloadError):
            if self._over:
                raise Unavailable("This process stops; go on in a moment.", RETRY_SECONDS) from None
            raise BodyCut("The body broke off.") from None
