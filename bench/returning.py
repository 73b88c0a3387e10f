"""Thousands of followers in a process of their own who come back whenever their connection ends, as docs/live.md asks of clients.

    python -m bench.returning < orders

Orders and answers are lines of JSON. `{"go": {"to": [host, port], "tokens": [...]}}` opens a session for each token, every other
one as a page does, with a ticket for each attempt; it is answered when all are open. `{"to": [host, port]}` is where they go from
now on, and `{"heard": [ids]}` is answered when everybody has caught up and heard all of these, with what it took since then.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import uvloop

from reelwire_live import closing

KEY = "cmVlbHdpcmUgYmVuY2htYQ=="
OPEN_SECONDS = 10.0
CLOSE, PING, SWITCHING = 8, 9, 101
PONG = b"\x8a\x80\x00\x00\x00\x00"
LOOK_SECONDS = 0.05
OPENERS = 100
"""At the beginning so many open their sessions at a time."""


class Named(msgspec.Struct):
    """What is read of a video."""

    id: str = ""


class Frame(msgspec.Struct):
    """What is read of a message."""

    type: str
    event: str = ""
    position: str | None = None
    recovered: bool = False
    data: Named = msgspec.field(default_factory=Named)


class Ended(NamedTuple):
    """How an attempt ended: a status or a close code, and its hint."""

    code: int
    hint: str = ""

    def after(self, attempt: int) -> closing.After:
        """What the client for Python would do."""
        return (closing.after_refusal if self.code < 1000 else closing.after_close)(self.code, self.hint, attempt)


_frame = msgspec.json.Decoder(Frame)


class Returning:
    """One client."""

    def __init__(self, all_of_them: "Everybody", token: str, *, page: bool) -> None:
        self._all = all_of_them
        self._token = token
        self._page = page
        self._position: str | None = None
        self.heard: list[str] = []
        self.back_at: float | None = None
        self.recovered = True

    async def run(self) -> None:
        """Have a session, for ever."""
        attempt = 1
        while True:
            try:
                ended = await self._session()
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                ended = Ended(closing.ABNORMAL)
            if self.back_at is not None:
                attempt = 1
                self.back_at = None
            else:
                self._all.refused[ended.code] += 1
            after = ended.after(attempt)
            if after.renew or after.over:
                raise RuntimeError(f"a client's token is refused: {ended}")
            await asyncio.sleep(after.wait)
            attempt += 1

    async def _session(self) -> Ended:
        async with asyncio.timeout(OPEN_SECONDS):
            query, headers = "", f"Authorization: Bearer {self._token}\r\n"
            if self._page:
                status, hint, body = await self._asked("POST", "/api/v1/live/tickets", headers + "Content-Length: 0\r\n")
                if status != 201:
                    return Ended(status, hint)
                query, headers = f"?ticket={json.loads(body)['ticket']}", ""
            reader, writer = await asyncio.open_connection(*self._all.to)
        try:
            return await self._talk(reader, writer, query, headers)
        finally:
            writer.close()

    async def _asked(self, method: str, path: str, headers: str) -> tuple[int, str, bytes]:
        """Status, Retry-After and body of an answer."""
        reader, writer = await asyncio.open_connection(*self._all.to)
        try:
            writer.write(f"{method} {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n{headers}\r\n".encode())
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
        return *_status(head), body

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, query: str, headers: str) -> Ended:
        async with asyncio.timeout(OPEN_SECONDS):
            writer.write(
                f"GET /api/v1/live{query} HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{headers}\r\n".encode()
            )
            status, hint = _status(await reader.readuntil(b"\r\n\r\n"))
        if status != SWITCHING:
            return Ended(status, hint)
        if self._position is not None:
            resume = json.dumps({"type": "resume", "position": self._position}).encode()
            writer.write(bytes([0x81, 0x80 | 126]) + len(resume).to_bytes(2) + bytes(4) + resume)  # masked with zeros
        while True:
            opcode, payload = await _read(reader)
            if opcode == CLOSE:
                return Ended(int.from_bytes(payload[:2]), payload[2:].decode())
            if opcode == PING:
                writer.write(PONG)
            else:
                self._take(_frame.decode(payload))

    def _take(self, frame: Frame) -> None:
        if frame.type == "caught_up":
            self.recovered = self.recovered and frame.recovered
        if frame.type == "caught_up" or (frame.type == "welcome" and self._position is None):
            self.back_at = asyncio.get_running_loop().time()
            self._position = frame.position
        elif frame.event == "video.published":
            self.heard.append(frame.data.id)
            if self.back_at is not None:  # while a replay runs the old position stays
                self._position = frame.position


class Everybody:
    """All of them."""

    def __init__(self) -> None:
        self.to: tuple[str, int] = ("", 0)
        self.refused: Counter[int] = Counter()
        self._clients: list[Returning] = []
        self._left_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def obey(self) -> None:
        """Until the orders end."""
        loop = asyncio.get_running_loop()
        orders = asyncio.StreamReader(limit=1 << 24)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
        while line := await orders.readline():
            print(json.dumps(await self._done(json.loads(line))), flush=True)

    async def _done(self, order: dict[str, Any]) -> Any:
        if "go" in order:
            self.to = tuple(order["go"]["to"])
            for nth, token in enumerate(order["go"]["tokens"]):
                client = Returning(self, token, page=nth % 2 == 1)
                self._clients.append(client)
                self._tasks.add(asyncio.create_task(client.run(), name=f"client {nth}"))
                if nth % OPENERS == OPENERS - 1:
                    await self._all_back()
            await self._all_back()
        elif "to" in order:
            self.to = tuple(order["to"])
            self.refused.clear()
            self._left_at = asyncio.get_running_loop().time()
        else:
            return await self._all_heard(order["heard"])
        return len(self._clients)

    async def _all_back(self) -> None:
        while any(client.back_at is None for client in self._clients):
            await self._moment()

    async def _moment(self) -> None:
        """Nothing tells us when they are; one that fails never will be."""
        await asyncio.sleep(LOOK_SECONDS)
        for task in self._tasks:
            if task.done():
                task.result()

    async def _all_heard(self, ids: Sequence[str]) -> dict[str, Any]:
        wanted = set(ids)
        await self._all_back()
        while any(not wanted <= set(client.heard) for client in self._clients):
            await self._moment()
        return {
            "seconds": sorted((client.back_at or 0.0) - self._left_at for client in self._clients),
            "recovered": sum(client.recovered for client in self._clients),
            "repeats": sum(len(client.heard) - len(set(client.heard)) for client in self._clients),
            "in_order": sum(list(dict.fromkeys(client.heard)) == list(ids) for client in self._clients),
            "refused": {str(code): times for code, times in self.refused.items()},
        }


def _status(head: bytes) -> tuple[int, str]:
    """The status of an answer and its Retry-After."""
    lines = head.decode("latin-1").split("\r\n")
    named = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    return int(lines[0].split(" ")[1]), named.get("retry-after", "")


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Opcode and content of the next frame (RFC 6455, 5.2); a server masks nothing."""
    first, length = await reader.readexactly(2)
    if length > 125:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8))
    return first & 15, await reader.readexactly(length)


if __name__ == "__main__":
    uvloop.run(Everybody().obey())
