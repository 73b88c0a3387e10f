"""A TCP link to a server that can be cut, and go dead without a word."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from yarl import URL


class Link:
    """Carries bytes between clients and one server.

    Attributes:
        url: what clients connect to.
        connections: how many were made.
    """

    def __init__(self, target: str) -> None:
        self._target = URL(target)
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._back: set[asyncio.Task[None]] = set()
        self.url = ""
        self.connections = 0

    def freeze(self) -> None:
        """Carry nothing more of what is connected now, as behind a NAT that has forgotten it; new connections work."""
        for task in self._tasks:
            task.cancel()

    def deafen(self) -> None:
        """Carry nothing more back to the clients that are connected now; what they say still arrives."""
        for task in self._back:
            task.cancel()

    def cut(self) -> None:
        """Reset every connection."""
        for writer in self._open:
            writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, onward = await asyncio.open_connection(self._target.host, self._target.port)
        for source, sink in ((reader, onward), (there, writer)):
            self._open.add(sink)
            task = asyncio.create_task(_pipe(source, sink), name="link")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            if sink is writer:
                self._back.add(task)
                task.add_done_callback(self._back.discard)

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self.cut()


async def _pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(1 << 16):
            sink.write(data)
            await sink.drain()
        sink.close()


@asynccontextmanager
async def link(target: str) -> AsyncIterator[Link]:
    """A link to the server at this origin."""
    found = Link(target)
    server = await asyncio.start_server(found.carry, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        server.close()
        await found.close()
