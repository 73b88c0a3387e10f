"""GET /api/v1/live/echo: sends every message back, for protocol test suites; only with REELWIRE_TEST_ECHO."""

import asyncio
import logging

from aiohttp import web

from server.kit.head import Head
from server.sockets import frames, upgrade
from server.sockets.codes import Close, retry_soon
from server.sockets.limits import CLOSE_SECONDS
from server.sockets.wires import Talk, Transport

PATH = "/api/v1/live/echo"
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
WINDOW_BYTES = 1024 * 1024
"""While so much of its own is unsent to a client, it is not listened to."""
WINDOW_SECONDS = 0.01

log = logging.getLogger(__name__)


async def get_echo(request: web.Request) -> web.StreamResponse:
    """One connection; it needs no credentials, and text and binary messages come back as they were."""
    return await upgrade.answer(request, echo)


def echo(head: Head) -> Talk:
    """See `upgrade.Way`."""
    upgrade.require_upgrade(head)
    return Echo()


class Echo:
    """A `Talk` that repeats."""

    most_bytes = MAX_MESSAGE_BYTES

    def __init__(self) -> None:
        self._transport: Transport | None = None
        self._cut: asyncio.TimerHandle | None = None
        self.open = False

    def begin(self, transport: Transport) -> None:
        """See `Talk`."""
        self._transport = transport
        self.open = True

    def heard(self, now: float) -> None:
        """Silent ones may stay."""

    async def text(self, text: str) -> None:
        """See `Talk`."""
        await self._send(frames.text(text.encode()))

    async def binary(self, data: bytes) -> None:
        """See `Talk`."""
        await self._send(frames.binary(data))

    def pinged(self, payload: bytes) -> None:
        """See `Talk`."""
        self._write(frames.pong(payload))

    def close(self, why: Close) -> None:
        """See `Talk`."""
        if self.open and self._transport is not None:
            self._write(frames.close(why))
            self.open = False
            self._cut = asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.abort)

    def failed(self, error: BaseException) -> None:
        """See `Talk`."""
        log.error("an echo failed", exc_info=error)
        self.close(retry_soon())

    def ended(self) -> None:
        """See `Talk`."""
        self.open = False
        if self._cut is not None:
            self._cut.cancel()

    def _write(self, frame: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frame)

    async def _send(self, frame: bytes) -> None:
        self._write(frame)
        while self.open and self._transport is not None and self._transport.get_write_buffer_size() > WINDOW_BYTES:  # noqa: ASYNC110
            await asyncio.sleep(WINDOW_SECONDS)
