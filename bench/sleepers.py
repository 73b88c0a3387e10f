"""Thousands of sockets in a process of their own that say nothing but pongs, as a browser's live session does most of the day.

    python -m bench.sleepers < orders

Orders and answers are lines of JSON. `{"open": {"to": [host, port], "paths": [...], "headers": "..."}}` opens one socket for
each path and is answered with the number of those that are open in all; `{"count": true}` asks for that number again;
`{"close": true}` closes them.
"""

import json
import os
import select
import socket
import sys
from typing import Any

KEY = "cmVlbHdpcmUgYmVuY2htYQ=="
OPEN_SECONDS = 30.0
READ_BYTES = 1 << 16
PING, PONG = b"\x89\x00", b"\x8a\x80\x00\x00\x00\x00"
AWAKE_EVERY = 50
"""While sockets are opened, those that are open answer after so many."""


class Sleepers:
    """All of them."""

    def __init__(self) -> None:
        self._open: dict[int, socket.socket] = {}
        self._epoll = select.epoll()
        self._epoll.register(sys.stdin.fileno(), select.EPOLLIN)

    def obey(self) -> None:
        """Answer pings, and orders, until the orders end."""
        while True:
            if self._answer_pings(1.0):
                line = os.read(sys.stdin.fileno(), 1 << 24)
                while not line.endswith(b"\n"):
                    more = os.read(sys.stdin.fileno(), 1 << 24)
                    if not more:
                        return
                    line += more
                print(json.dumps(self._done(json.loads(line))), flush=True)

    def _done(self, order: dict[str, Any]) -> int:
        if "open" in order:
            for nth, path in enumerate(order["open"]["paths"]):
                self._join(tuple(order["open"]["to"]), path, order["open"]["headers"])
                if nth % AWAKE_EVERY == 0:
                    self._answer_pings(0)
        elif "close" in order:
            for sock in self._open.values():
                sock.close()
            self._open.clear()
        return len(self._open)

    def _join(self, to: tuple[str, int], path: str, headers: str) -> None:
        """Open one and wait for the upgrade (RFC 6455, 4.1)."""
        sock = socket.create_connection(to, timeout=OPEN_SECONDS)
        sock.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {to[0]}:{to[1]}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{headers}\r\n".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer and (part := sock.recv(READ_BYTES)):
            answer += part
        if not answer.startswith(b"HTTP/1.1 101 "):
            print(f"refused: {answer!r}", file=sys.stderr)
            sock.close()
            return
        sock.setblocking(False)
        self._open[sock.fileno()] = sock
        self._epoll.register(sock.fileno(), select.EPOLLIN)

    def _answer_pings(self, seconds: float) -> bool:
        """Answer what has come; whether there is an order."""
        ordered = False
        for descriptor, _ in self._epoll.poll(seconds):
            if descriptor == sys.stdin.fileno():
                ordered = True
                continue
            sock = self._open[descriptor]
            data = sock.recv(READ_BYTES)
            if not data or b"\x88" in data[:1]:
                del self._open[descriptor]
                sock.close()
            elif data.endswith(PING):
                sock.send(PONG)
        return ordered


if __name__ == "__main__":
    Sleepers().obey()
