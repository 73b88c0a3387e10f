"""A swarm of sockets in a process of its own, so that what it spends is not counted: opens them, reads, counts, notes when.

    python -m bench.swarm < orders

An order is a line of JSON, and so is its answer. `{"open": {…}}` opens sockets; `{"wake": true}` has each say that it lives;
`{"gather": {"messages": N, "seconds": S}}` reads until N messages have come on each socket, or time is up, and tells how many
there were on all, whether everybody had them, and at what moments those of some came. Each has its number between two marks.
"""

import builtins
import json
import os
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Any

NUMBER = re.compile(rb"@@(\d+)@@")
KEY = "cmVlbHdpcmUgYmVuY2htYQ=="
OPEN_SECONDS = 20.0
HOST = "127.0.0.1"
AT_ONCE = 64
"""Sockets that are opened side by side."""
READ_BYTES = 1 << 18
EVERY = 50
"""Of every so many sockets one, and the first, reads its messages and notes when each came."""
PINGS = 64
"""Bytes by which sockets may differ, for not all are pinged at once."""
PONG = b"\x8a\x80\x00\x00\x00\x00"
CARRY = 24
"""Bytes that a mark and a number have at the most."""


@dataclass(slots=True)
class Member:
    """One socket, what has come since the last order, and of a probe the end of what it has read."""

    sock: socket.socket
    probes: bool
    numbers: int = 0
    bytes: int = 0
    rest: builtins.bytes = b""


@dataclass
class Swarm:
    """All of them."""

    members: list[Member] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ready = selectors.DefaultSelector()
        self._buffer = bytearray(READ_BYTES)
        self._came: list[tuple[int, float]] = []

    def open(self, port: int, path: str, header: str, hello: str, until: str, each: list[str], host: str = HOST) -> int:
        """Open a socket for each word of `each`, which stands for `{}` in path and header; wait until everybody was welcomed."""
        for at in range(0, len(each), AT_ONCE):
            fresh = []
            for word in each[at : at + AT_ONCE]:
                sock = socket.create_connection((host, port), timeout=OPEN_SECONDS)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.sendall(_request(port, path.replace("{}", word), header.replace("{}", word)))
                fresh.append(sock)
            for sock in fresh:
                self._welcomed(sock, hello, until)
        return len(self.members)

    def gather(self, messages: int, seconds: float) -> dict[str, object]:
        """Read until each socket has had so many messages; what has come when it is enough."""
        probes = [member for member in self.members if member.probes]
        for member in self.members:
            member.numbers = member.bytes = 0
        self._came = []
        ends, complete = time.monotonic() + seconds, False
        while not complete and (left := ends - time.monotonic()) > 0:
            for key, _ in self._ready.select(left):
                self._read(key.data)
            complete = probes[0].numbers >= messages and all(member.bytes >= probes[0].bytes - PINGS for member in self.members)
        had = sum(member.bytes for member in self.members)
        size = probes[0].bytes / max(1, probes[0].numbers)
        heard = round(had / size) if size else 0
        return {"messages": heard, "complete": complete, "at": time.monotonic(), "came": self._came}

    def wake(self) -> int:
        """A pong that nobody asked for from each socket (RFC 6455, 5.5.3), since none answers pings; how many there are."""
        for member in self.members:
            member.sock.send(PONG)
        return len(self.members)

    def _welcomed(self, sock: socket.socket, hello: str, until: str) -> None:
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += _received(sock)
        if b" 101 " not in answer[:20]:
            sys.exit(f"no upgrade: {answer[:300]!r}")
        if hello:
            sock.sendall(_text(hello))
        while until.encode() not in answer:
            answer += _received(sock)
        sock.setblocking(False)
        member = Member(sock, probes=len(self.members) % EVERY == 0)
        self.members.append(member)
        self._ready.register(sock, selectors.EVENT_READ, member)

    def _read(self, member: Member) -> None:
        # Everybody is sent the same bytes: a probe tells how many make a message, and of all others only the number is taken.
        size = member.sock.recv_into(self._buffer, 0, 0 if member.probes else socket.MSG_TRUNC)
        if size == 0:
            sys.exit("the server closed a connection")
        member.bytes += size
        if member.probes:
            now = time.monotonic()
            data = member.rest + bytes(memoryview(self._buffer)[:size])
            found = list(NUMBER.finditer(data))
            self._came += [(int(number[1]), now) for number in found]
            member.numbers += len(found)
            # A number may be cut: what is left of it is looked at again.
            member.rest = data[found[-1].end() if found else 0 :][-CARRY:]


def _request(port: int, path: str, header: str) -> bytes:
    """RFC 6455, 4.1."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{header}\r\n"
    ).encode()


def _text(word: str) -> bytes:
    """A short masked text frame (RFC 6455, 5.3); the mask is zero."""
    return bytes([0x81, 0x80 | len(word), 0, 0, 0, 0]) + word.encode()


def _received(sock: socket.socket) -> bytes:
    data = sock.recv(READ_BYTES)
    if not data:
        sys.exit("the server closed a connection")
    return data


def _obeyed(swarm: Swarm, order: dict[str, Any]) -> object:
    if "open" in order:
        return swarm.open(**order["open"])
    return swarm.wake() if "wake" in order else swarm.gather(**order["gather"])


def main() -> None:
    """Obey until the orders end."""
    swarm = Swarm()
    for line in sys.stdin:
        print(json.dumps(_obeyed(swarm, json.loads(line))), flush=True)
    os._exit(0)  # nobody needs thousands of sockets closed politely


if __name__ == "__main__":
    main()
