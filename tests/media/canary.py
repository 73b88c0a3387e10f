"""A server that nobody should call."""

import asyncio


class Canary:
    """A server that nobody should call."""

    def __init__(self) -> None:
        self.calls = 0
        self.port = 0

    async def listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._hear, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def _hear(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        writer.close()
