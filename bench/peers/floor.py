"""The floor: a handshake, and then a bare loop of send() with a frame that was built once. Nobody can do with less in Python."""

import base64
import hashlib
import re
import selectors
import socket
from contextlib import suppress

from bench.peers.control import addresses
from server.sockets import frames

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, 1.3."""
BACKLOG = 4096
READ_BYTES = 65_536


def main() -> None:
    """Serve until killed."""
    port, path = addresses()
    ready, members = selectors.DefaultSelector(), list[socket.socket]()
    front = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
    control = socket.socket(socket.AF_UNIX)
    control.bind(path)
    control.listen()
    ready.register(front, selectors.EVENT_READ, "front")
    ready.register(control, selectors.EVENT_READ, "control")
    print("ready", flush=True)
    rest = b""
    while True:
        for key, _ in ready.select():
            if key.data == "front":
                ready.register(front.accept()[0], selectors.EVENT_READ, "guest")
            elif key.data == "control":
                ready.register(control.accept()[0], selectors.EVENT_READ, "orders")
            elif key.data == "orders":
                *lines, rest = (rest + key.fileobj.recv(READ_BYTES)).split(b"\n")  # type: ignore[union-attr]
                for line in lines:
                    broadcast(members, frames.text(line))
            else:
                _greet(key.fileobj, members, ready)  # type: ignore[arg-type]


def broadcast(members: list[socket.socket], frame: bytes) -> None:
    """The loop."""
    for member in members:
        with suppress(OSError):
            member.send(frame)


def _greet(guest: socket.socket, members: list[socket.socket], ready: selectors.BaseSelector) -> None:
    head = guest.recv(READ_BYTES)
    if not head:
        ready.unregister(guest)
        guest.close()
        return
    if (key := re.search(rb"Sec-WebSocket-Key: (\S+)", head)) is None:
        return
    accept = base64.b64encode(hashlib.sha1(key[1] + GUID).digest())
    guest.send(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %b\r\n\r\n"
        % accept
    )
    members.append(guest)


if __name__ == "__main__":
    main()
