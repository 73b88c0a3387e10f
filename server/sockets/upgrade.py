"""The upgrade of a request to a socket: who accepts it, and which of the two ways carries it."""

import binascii
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from server.kit.errors import Malformed
from server.sockets import lean, stock
from server.sockets.limits import HEARTBEAT_SECONDS, SEND_BUFFER_BYTES, SILENT_HEARTBEATS
from server.sockets.lines import AVAILABLE, Lines
from server.sockets.wires import Talk

LINES: web.AppKey[Lines | None] = web.AppKey("lines")

SUBPROTOCOL = "reelwire.v1"
VERSION = "13"
KEY_BYTES = 16

log = logging.getLogger(__name__)


@contextmanager
def lines(sessions: str) -> Iterator[Lines | None]:
    """What lean sessions need; `stock` ones need nothing, and a system without epoll has no others."""
    if sessions != "lean" or not AVAILABLE:
        if sessions == "lean":
            log.warning("live sessions are stock ones: this system has no epoll")
        yield None
        return
    found = Lines()
    try:
        yield found
    finally:
        found.close()


def require_upgrade(request: web.Request) -> None:
    """The request asks for a WebSocket.

    Raises:
        Malformed: it does not (RFC 6455, 4.2.1); the answer names the version that we speak (4.2.2).
    """
    headers = request.headers
    asks = request.method == "GET" and headers.get("Upgrade", "").strip().lower() == "websocket"
    if (
        not asks
        or "upgrade" not in _listed(request, "Connection")
        or headers.get("Sec-WebSocket-Version") != VERSION
        or not _key(request)
    ):
        spoken = {"Sec-WebSocket-Version": VERSION}
        raise Malformed(f"This is a WebSocket: send an upgrade (RFC 6455, version {VERSION}).", headers=spoken)


async def carry(request: web.Request, talk: Talk) -> web.StreamResponse:
    """Accept the upgrade, and let `talk` have the connection. It is told when that ends, unless this raises.

    A client that has left meanwhile is told nothing, and is no failure of ours.
    """
    if request.transport is None or request.transport.is_closing():
        talk.ended()
        return lean.Detached()
    subprotocol = SUBPROTOCOL if SUBPROTOCOL in _listed(request, "Sec-WebSocket-Protocol") else None
    _tune(request.transport.get_extra_info("socket"))
    own = request.app[LINES]
    if own is not None:
        if (why := lean.obstacle(request)) is None:
            return lean.carry(request, talk, subprotocol, own)
        _log_once(why)
    return await stock.carry(request, talk, subprotocol)


def _listed(request: web.Request, name: str) -> set[str]:
    """The words of a header that is a list, in lower case."""
    return {word.strip().lower() for value in request.headers.getall(name, ()) for word in value.split(",")}


def _key(request: web.Request) -> bool:
    """Whether the key is sixteen bytes in base64."""
    try:
        return len(binascii.a2b_base64(request.headers.get("Sec-WebSocket-Key", ""), strict_mode=True)) == KEY_BYTES
    except ValueError:
        return False


def _tune(connection: socket.socket | None) -> None:
    if connection is None:
        return
    # Else the kernel hides megabytes of a peer that reads nothing from the session's budget.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    if connection.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_USER_TIMEOUT"):
        # What is acknowledged by nobody for so long has no peer; the kernel would try for a quarter of an hour (RFC 5482).
        milliseconds = int(SILENT_HEARTBEATS * HEARTBEAT_SECONDS * 1000)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


_told: set[str] = set()


def _log_once(why: str) -> None:
    if why not in _told:
        _told.add(why)
        log.warning("a live session is a stock one: %s", why)
