"""A test server that listens as `serve` does: what the application has in front of aiohttp has each connection first."""

import asyncio
import socket
from typing import Any

from aiohttp.test_utils import TestServer
from yarl import URL

from server.kit.lane import LANE
from server.kit.serving import FRONT, listen_on


class Fronted(TestServer):
    """On loopback."""

    _listening: asyncio.Server | None = None

    async def start_server(self, loop: asyncio.AbstractEventLoop | None = None, **kwargs: Any) -> None:  # noqa: ARG002 - aiohttp's
        """See `TestServer`."""
        if self.runner is not None:
            return
        self.runner = await self._make_runner(**kwargs)
        await self.runner.setup()
        bound = self.socket_factory(self.host, self.port or 0, socket.AF_INET)
        self.host, self.port = bound.getsockname()[:2]
        self._listening = await listen_on(self.runner, bound, self.app.get(FRONT), self.app.get(LANE))
        self._root = URL(f"http://{self.host}:{self.port}")

    async def close(self) -> None:
        """See `TestServer`."""
        if self._listening is not None:
            self._listening.close()
        await super().close()
