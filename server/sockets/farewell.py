"""A connection that is accepted only to be told, with a code that a browser's script can see, why there will be no session."""

import asyncio

from server.sockets import frames
from server.sockets.codes import Close
from server.sockets.limits import CLOSE_SECONDS
from server.sockets.wires import Transport


class Farewell:
    """A `Talk` of one word."""

    most_bytes = 125
    open = False

    def __init__(self, why: Close) -> None:
        self._why = why
        self._cut: asyncio.TimerHandle | None = None

    def begin(self, transport: Transport) -> None:
        """See `Talk`."""
        transport.write(frames.close(self._why))
        self._cut = asyncio.get_running_loop().call_later(CLOSE_SECONDS, transport.abort)

    def heard(self, now: float) -> None:
        """It does not matter."""

    async def text(self, text: str) -> None:
        """It does not matter."""

    async def binary(self, data: bytes) -> None:
        """It does not matter."""

    def pinged(self, payload: bytes) -> None:
        """It does not matter."""

    def close(self, why: Close) -> None:
        """We have said so already."""

    def failed(self, error: BaseException) -> None:
        """Nothing is answered, so that nothing fails."""

    def ended(self) -> None:
        """See `Talk`."""
        if self._cut is not None:
            self._cut.cancel()
