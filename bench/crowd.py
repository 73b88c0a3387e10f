"""Readers of media who cost little themselves: connections that stay, whose bytes are counted and thrown away."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

PATIENCE_SECONDS = 60.0
_BUFFER = bytearray(1 << 20)  # nobody looks at what lies in it after its call


@dataclass(frozen=True, slots=True)
class Answer:
    """How one answer came: its status, what the edge's cache says of it, bytes of its body, when it was complete."""

    status: int
    cache: str
    size: int
    at: float  # time.monotonic()


class Reader(asyncio.BufferedProtocol):
    """One connection; one request is under way at a time, and every answer has a Content-Length."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._head = bytearray()
        self._left = 0
        self._found = Answer(0, "", 0, 0)
        self._answer: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def get_buffer(self, _sizehint: int) -> bytearray:
        """See asyncio."""
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """See asyncio."""
        if self._left:
            self._left -= nbytes
        else:
            self._head += _BUFFER[:nbytes]
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self._found = _told(bytes(self._head[:end]))
            self._left = self._found.size - (len(self._head) - end - 4)
            self._head.clear()
        if not self._left and self._answer is not None:
            answer, self._answer, found = self._answer, None, self._found
            answer.set_result(Answer(found.status, found.cache, found.size, time.monotonic()))

    def connection_lost(self, error: Exception | None) -> None:
        """See asyncio."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the server has hung up"))

    def ask(self, path: str) -> asyncio.Future[Answer]:
        """The answer to come; the request is under way already."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(f"GET {path} HTTP/1.1\r\nHost: bench.test\r\n\r\n".encode())
        return self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def _told(head: bytes) -> Answer:
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Answer(int(first.split()[1]), headers.get("x-cache", ""), int(headers["content-length"]), 0)


@asynccontextmanager
async def readers(port: int, many: int) -> AsyncIterator[list[Reader]]:
    """So many connections to this port of the loopback."""
    loop = asyncio.get_running_loop()
    found = [(await loop.create_connection(Reader, "127.0.0.1", port))[1] for _ in range(many)]
    try:
        yield found
    finally:
        for reader in found:
            reader.close()


async def in_turn(found: Sequence[Reader], path: str, each: int) -> None:
    """Each asks `each` times, one request after the other.

    Raises:
        ValueError: it is refused.
    """

    async def some(reader: Reader) -> None:
        for _ in range(each):
            answer = await reader.ask(path)
            if answer.status != 200:
                raise ValueError(f"{path} is answered with {answer.status}")

    async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        for reader in found:
            group.create_task(some(reader))


async def at_once(found: Sequence[Reader], path: str) -> tuple[float, list[Answer]]:
    """All ask in the same moment: that moment, and their answers in the order in which they were complete."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        began = time.monotonic()
        answers = await asyncio.gather(*(reader.ask(path) for reader in found))
    return began, sorted(answers, key=lambda answer: answer.at)
