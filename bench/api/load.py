"""Clients that cost little: requests as bytes, on connections that stay, over a unix socket as behind the edge."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

PATIENCE_SECONDS = 60.0


def get(path: str, token: str) -> bytes:
    """A GET as the edge sends it on."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: bench.test\r\nX-Forwarded-For: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    )


class Line(asyncio.Protocol):
    """One connection; one request is under way at a time."""

    def __init__(self, socket: str) -> None:
        self.socket = socket
        self._transport: asyncio.Transport | None = None
        self._read = bytearray()
        self._length: int | None = None
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        """See asyncio."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the server has hung up"))

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        self._read += data
        if self._length is None:
            end = self._read.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._read[:end]).lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self._length = end + 4 + length
        if len(self._read) >= self._length and self._answer is not None:
            answer, self._answer = self._answer, None
            told = bytes(self._read[: self._length])
            del self._read[: self._length]
            self._length = None
            if not answer.done():
                answer.set_result(told)

    async def ask(self, request: bytes) -> bytes:
        """The whole answer."""
        assert self._transport is not None
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._transport.write(request)
        return await answer

    async def again(self) -> "Line":
        """Another connection in its place: an answer may still be under way on this one."""
        self.close()
        loop = asyncio.get_running_loop()
        return (await loop.create_unix_connection(partial(Line, self.socket), self.socket))[1]

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def lines(socket: Path, many: int) -> AsyncIterator[list[Line]]:
    """So many connections."""
    loop = asyncio.get_running_loop()
    found = [(await loop.create_unix_connection(partial(Line, str(socket)), str(socket)))[1] for _ in range(many)]
    try:
        yield found
    finally:
        for line in found:
            line.close()


async def saturate(found: Sequence[Line], requests: Sequence[bytes], each: int) -> None:
    """Each connection asks `each` times, one after the other, for whatever is next."""

    async def some(number: int, line: Line) -> None:
        for turn in range(each):
            answer = await line.ask(requests[(number * each + turn) % len(requests)])
            require_ok(answer)

    async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        for number, line in enumerate(found):
            group.create_task(some(number, line))


def require_ok(answer: bytes) -> None:
    """Refuse to measure refusals.

    Raises:
        ValueError: it is none of 2xx.
    """
    if not answer.startswith(b"HTTP/1.1 2"):
        raise ValueError(answer[:300].decode(errors="replace"))


@dataclass
class Late:
    """How long answers took, in seconds."""

    seconds: list[float] = field(default_factory=list)

    def share(self, part: float) -> float:
        """So long or less took this part of them."""
        ordered = sorted(self.seconds)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


async def steadily(found: list[Line], requests: Sequence[bytes], rate: float, seconds: float) -> Late:
    """Ask so many times a second, whatever becomes of those before; whose turn comes while all lines are busy is late."""
    loop, late, free = asyncio.get_running_loop(), Late(), asyncio.Queue[Line]()
    for line in found:
        free.put_nowait(line)
    dice = random.Random(1)

    async def one(due: float, request: bytes) -> None:
        line = await free.get()
        try:
            require_ok(await line.ask(request))
        finally:
            free.put_nowait(line)
        late.seconds.append(loop.time() - due)

    began, due = loop.time(), 0.0
    async with asyncio.timeout(seconds + PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        while due < seconds:
            due += dice.expovariate(rate)
            await asyncio.sleep(began + due - loop.time())
            group.create_task(one(began + due, requests[dice.randrange(len(requests))]))
    return late
