"""The upgrade of a request to a socket: who accepts it, and which of the two ways carries it."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from server.kit.errors import Malformed
from server.live import lean, stock
from server.live.limits import HEARTBEAT_SECONDS, SEND_BUFFER_BYTES, SILENT_HEARTBEATS
from server.live.lines import AVAILABLE, Lines
from server.live.wire import SUBPROTOCOL
from server.live.wires import Talk

LINES: web.AppKey[Lines | None] = web.AppKey("lines")

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
        Malformed: it does not (RFC 6455, 4.2.1).
    """
    if not _ready(request).ok:
        raise Malformed("This is a WebSocket: send an upgrade (RFC 6455, version 13).")


async def carry(request: web.Request, talk: Talk) -> web.StreamResponse:
    """Accept the upgrade, and let `talk` have the connection. It is told when that ends, unless this raises."""
    subprotocol = _ready(request).protocol
    if request.transport is not None:
        _tune(request.transport.get_extra_info("socket"))
    own = request.app[LINES]
    if own is not None:
        if (why := lean.obstacle(request)) is None:
            return lean.carry(request, talk, subprotocol, own)
        _log_once(why)
    return await stock.carry(request, talk, subprotocol)


def _tune(connection: socket.socket | None) -> None:
    if connection is None:
        return
    # Else the kernel hides megabytes of a peer that reads nothing from the session's budget.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    if connection.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_USER_TIMEOUT"):
        # What is acknowledged by nobody for so long has no peer; the kernel would try for a quarter of an hour (RFC 5482).
        milliseconds = int(SILENT_HEARTBEATS * HEARTBEAT_SECONDS * 1000)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


def _ready(request: web.Request) -> web.WebSocketReady:
    return web.WebSocketResponse(protocols=(SUBPROTOCOL,)).can_prepare(request)


_told: set[str] = set()


def _log_once(why: str) -> None:
    if why not in _told:
        _told.add(why)
        log.warning("a live session is a stock one: %s", why)
