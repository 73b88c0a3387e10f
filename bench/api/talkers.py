"""Clients that say much, in a process of its own, so that what it spends is not counted.

    python -m bench.api.talkers < order

An order is a line of JSON: `{"socket": PATH, "upgrade": false, "conns": [{"open": TEXT, "messages": [TEXT, …]}],
"outstanding": N, "count": N}`. Each connection says its messages in turn, over and over, so many at a time without an answer.
The answer is a line of JSON with the seconds that all of it took, and how long each in a thousand waited.
"""

import json
import selectors
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass, field

READ_BYTES = 1 << 16
UNMASKED = b"\x00\x00\x00\x00"
"""A mask that changes nothing (RFC 6455, 5.3)."""
KEY = "cmVlbHdpcmUgYmVuY2htYQ=="
STALLED_SECONDS = 20.0


@dataclass(slots=True)
class Member:
    """One connection."""

    sock: socket.socket
    messages: list[bytes]
    at: int = 0
    rest: bytes = b""
    sent: deque[float] = field(default_factory=deque)


def frame(text: bytes) -> bytes:
    """A client's text frame of up to 65,535 bytes."""
    length = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
    return b"\x81" + length + UNMASKED + text


def taken_http(data: bytes) -> tuple[int, bytes, bool]:
    """How many whole answers there are, what is left, and whether all of them are good."""
    done, good = 0, True
    while (end := data.find(b"\r\n\r\n")) >= 0:
        head = data[:end].lower()
        at = head.find(b"content-length:")
        size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(data) < end + 4 + size:
            break
        good = good and head.startswith(b"http/1.1 2")
        data, done = data[end + 4 + size :], done + 1
    return done, data, good


def taken_frames(data: bytes) -> tuple[int, bytes, bool]:
    """The same of a server's frames; those that are no answer are passed over."""
    done, good = 0, True
    while len(data) >= 2:
        size, at = data[1] & 0x7F, 2
        if size == 126:
            size, at = int.from_bytes(data[2:4], "big"), 4
        if len(data) < at + size:
            break
        begins = data[at : at + 16]
        good = good and b'"error"' not in begins
        done += begins.startswith(b'{"type":"ack"')
        data = data[at + size :]
    return done, data, good


def opened(order: dict[str, object], conn: dict[str, object]) -> Member:
    """A connection, upgraded where that is wanted."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(STALLED_SECONDS)
    sock.connect(str(order["socket"]))
    messages = [str(text).encode() for text in conn["messages"]]  # type: ignore[attr-defined]
    if not order["upgrade"]:
        return Member(sock, messages)
    sock.sendall(str(conn["open"]).encode())
    answer = b""
    while b"welcome" not in answer:
        answer += sock.recv(READ_BYTES)
    return Member(sock, [frame(text) for text in messages])


def run(order: dict[str, object]) -> dict[str, object]:
    """Say all of it."""
    members = [opened(order, conn) for conn in order["conns"]]  # type: ignore[attr-defined]
    outstanding, left = int(str(order["outstanding"])), int(str(order["count"]))
    taken = taken_frames if order["upgrade"] else taken_http
    ready = selectors.DefaultSelector()
    waits: list[float] = []
    began = time.perf_counter()
    for member in members:
        ready.register(member.sock, selectors.EVENT_READ, member)
        left -= send(member, min(outstanding, left))
    while any(member.sent for member in members):
        found = ready.select(STALLED_SECONDS)
        if not found:
            sys.exit("nothing comes any more")
        for key, _ in found:
            member = key.data
            done, member.rest, good = taken(member.rest + member.sock.recv(READ_BYTES))
            if not good:
                sys.exit(f"refused: {member.rest[:300]!r}")
            now = time.perf_counter()
            waits += [now - member.sent.popleft() for _ in range(done)]
            left -= send(member, min(done, left))
    waits.sort()
    return {"seconds": time.perf_counter() - began, "waits": waits[:: max(1, len(waits) // 1000)]}


def send(member: Member, many: int) -> int:
    """The next ones, in one write."""
    if many > 0:
        texts = [member.messages[(member.at + nth) % len(member.messages)] for nth in range(many)]
        member.at += many
        member.sock.sendall(b"".join(texts))
        member.sent.extend([time.perf_counter()] * many)
    return max(0, many)


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.stdin.readline()))), flush=True)
