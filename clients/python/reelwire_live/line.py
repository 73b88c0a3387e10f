"""The connection, as one that notices when the other side has gone without a word."""

import asyncio
import json
from typing import Any, TypeAlias

from websockets.asyncio.client import ClientConnection

Frame: TypeAlias = dict[str, Any]

SILENT_HEARTBEATS = 2
"""A server that sent nothing for so many of its heartbeats is gone."""
WELCOME_SECONDS = 15.0
"""From the upgrade to the first message."""


class SilentError(Exception):
    """Nothing came for too long: the line is dead, whatever the network says."""


class Line(ClientConnection):
    """A WebSocket whose bytes count as signs of life, the server's pings among them.

    Attributes:
        patience: seconds of silence after which it is dead.
        heard_at: when something came last, by the event loop's clock.
    """

    patience = WELCOME_SECONDS
    heard_at = 0.0

    def data_received(self, data: bytes) -> None:
        """Bytes came; the protocol of the library takes them."""
        self.heard_at = self.loop.time()
        super().data_received(data)

    def expect_heartbeat(self, milliseconds: int) -> None:
        """The server pings so often."""
        self.patience = SILENT_HEARTBEATS * milliseconds / 1000

    async def frame(self) -> Frame | None:
        """The next message; None for one that is none of ours, so that a newer server does no harm.

        Raises:
            SilentError: the line is dead; it has been cut.
            websockets.ConnectionClosed: it was closed.
        """
        # While nobody asks for a message nothing is read either: silence counts from when we listen.
        began = self.loop.time()
        while True:
            left = max(began, self.heard_at) + self.patience - self.loop.time()
            if left <= 0:
                self.transport.abort()
                raise SilentError(f"nothing came for {self.patience:.0f} s")
            try:
                async with asyncio.timeout(left):
                    return _parsed(await self.recv())
            except TimeoutError:
                continue  # a ping may have come meanwhile


def _parsed(text: str | bytes) -> Frame | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("type"), str) else None
