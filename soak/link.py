"""A network between two parts, as phones have it: it ends in the middle of a frame, or swallows everything."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

READ_BYTES = 65_536
CONNECT_SECONDS = 10.0


class Link:
    """A port of its own for one client, whose connections go on to a server. `url` is where the client connects.

    Without a port `host` is the path of a unix socket.
    """

    def __init__(self, host: str, port: int | None = None) -> None:
        self._target = host, port
        self._pipes: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._open = asyncio.Event()
        self._open.set()
        self._cut_after: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        assert self._server is not None
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    def swallow(self) -> None:
        """From now on nothing gets through, in both directions, and nobody is told."""
        self._open.clear()

    def let_through(self) -> None:
        """What was swallowed comes, late, and everything after it."""
        self._open.set()

    def cut(self) -> None:
        """Whatever is connected is gone without a word, and new connections get through again."""
        for pipe in tuple(self._pipes):
            pipe.cancel()
        self._open.set()

    def cut_in_frame(self, after: int) -> None:
        """What comes for the client ends after so many more bytes, wherever that is."""
        self._cut_after = after

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Link"]:
        """The link is there."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        try:
            yield self
        finally:
            self._server.close()
            self.cut()
            if self._pipes:
                await asyncio.wait(self._pipes)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None or not self._server.is_serving():
            writer.transport.abort()  # it was accepted at the last moment
            return
        pipe = asyncio.create_task(self._pipe(reader, writer), name="link")
        self._pipes.add(pipe)
        pipe.add_done_callback(self._pipes.discard)
        pipe.add_done_callback(lambda _: writer.transport.abort())  # also of one that was cut before it began

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = None
        ways: list[asyncio.Task[None]] = []
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                from_server, there = await self._reach()
            ways = [
                asyncio.create_task(self._copy(reader, there, inbound=False), name="link up"),
                asyncio.create_task(self._copy(from_server, writer, inbound=True), name="link down"),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except (OSError, TimeoutError):
            pass
        finally:
            for way in ways:
                way.cancel()
            if ways:
                await asyncio.wait(ways)
            if there is not None:
                there.transport.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self._target
        return await (asyncio.open_unix_connection(host) if port is None else asyncio.open_connection(host, port))

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, inbound: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(READ_BYTES):
                await self._open.wait()
                if inbound and self._cut_after is not None:
                    if len(data) >= self._cut_after:
                        keep, self._cut_after = self._cut_after, None
                        sink.write(data[:keep])
                        await sink.drain()
                        return
                    self._cut_after -= len(data)
                sink.write(data)
                await sink.drain()
        await self._open.wait()  # that one side has ended is swallowed as well
