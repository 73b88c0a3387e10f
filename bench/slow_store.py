"""What stands before the object store in benchmarks: it passes bytes on, holds reads of objects up, and counts them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

CHUNK_BYTES = 1 << 18


class SlowStore:
    """Attributes: url: where it listens. reads: how often each path was read. delay: seconds that a read waits for."""

    def __init__(self, delay: float) -> None:
        self.url = ""
        self.reads: Counter[str] = Counter()
        self.delay = delay
        self._behind = ("", 0)
        self._open: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def before(self, endpoint: str) -> AsyncIterator[str]:
        """Stand before the store at this URL: the URL to use instead."""
        behind = urlsplit(endpoint)
        self._behind = (behind.hostname or "", behind.port or 80)
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=CHUNK_BYTES)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self.url
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        other_reader, other_writer = await asyncio.open_connection(*self._behind, limit=CHUNK_BYTES)
        back = asyncio.create_task(self._pass(other_reader, writer, asks=False), name="back from the store")
        try:
            await self._pass(reader, other_writer, asks=True)
        finally:
            back.cancel()
            await asyncio.gather(back, return_exceptions=True)
            other_writer.close()
            writer.close()
            self._open.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asks: bool) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                # A client sends a request when it has the answer to the one before, so that each begins a chunk.
                if asks and data.startswith(b"GET "):
                    self.reads[data.split(b" ", 2)[1].decode()] += 1
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
