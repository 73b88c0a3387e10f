"""A crowd of live sockets in a process of its own, so that what it spends is not counted: reads, counts, says how many.

    python -m bench.crowd HOST PORT < orders

Orders and answers are lines of JSON: a list of access tokens opens one session for each and is answered with the crowd's own
ports; `{"published": N}` is answered when N `video.published` have come in all, `{"bytes": N}` when N more bytes have.
"""

import json
import os
import selectors
import socket
import sys
from dataclasses import dataclass, field

KEY = "cmVlbHdpcmUgYmVuY2htYQ=="
WANTED = b'"event":"video.published"'
OPEN_SECONDS = 10.0
READ_BYTES = 1 << 18


@dataclass
class Member:
    """One socket and what of a frame it has so far."""

    sock: socket.socket
    rest: bytes = b""


@dataclass
class Crowd:
    """All of them."""

    host: str
    port: int
    members: list[Member] = field(default_factory=list)
    published: int = 0

    def __post_init__(self) -> None:
        self._ready = selectors.DefaultSelector()

    def join(self, token: str) -> None:
        """Open one session and wait for its welcome (RFC 6455, 4.1)."""
        sock = socket.create_connection((self.host, self.port), timeout=OPEN_SECONDS)
        head = (
            f"GET /api/v1/live HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        sock.sendall(head.encode())
        answer = b""
        while b'"welcome"' not in answer or not answer.endswith(b"}"):
            answer += sock.recv(READ_BYTES)
        sock.setblocking(False)
        member = Member(sock)
        self.members.append(member)
        self._ready.register(sock, selectors.EVENT_READ, member)

    def count_published(self, goal: int) -> None:
        """Read frames until so many publications have come since the beginning."""
        while self.published < goal:
            for key, _ in self._ready.select():
                self._read(key.data)

    def count_bytes(self, amount: int) -> None:
        """Read bytes of which only the number matters."""
        while amount > 0:
            for key, _ in self._ready.select():
                amount -= len(_received(key.data.sock))

    def _read(self, member: Member) -> None:
        data = member.rest + _received(member.sock)
        at = 0
        while (end := _end_of_frame(data, at)) <= len(data):
            self.published += WANTED in data[at:end]
            at = end
        member.rest = data[at:]


def _received(sock: socket.socket) -> bytes:
    data = sock.recv(READ_BYTES)
    if not data:
        sys.exit("the server closed a connection")
    return data


def _end_of_frame(data: bytes, at: int) -> int:
    """Where the frame that begins here ends; beyond the data while its head is not there (RFC 6455, 5.2, unmasked)."""
    if len(data) < at + 4:
        return len(data) + 1
    size = data[at + 1]
    return at + 4 + int.from_bytes(data[at + 2 : at + 4]) if size == 126 else at + 2 + size


def main() -> None:
    """Obey until the orders end."""
    crowd = Crowd(sys.argv[1], int(sys.argv[2]))
    for line in sys.stdin:
        order = json.loads(line)
        if isinstance(order, list):
            for token in order:
                crowd.join(token)
            answer: object = [member.sock.getsockname()[1] for member in crowd.members]
        elif "published" in order:
            crowd.count_published(order["published"])
            answer = crowd.published
        else:
            crowd.count_bytes(order["bytes"])
            answer = order["bytes"]
        print(json.dumps(answer), flush=True)
    os._exit(0)  # nobody needs a thousand sockets closed politely


if __name__ == "__main__":
    main()
