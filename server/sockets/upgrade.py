"""The upgrade of a request to a socket: who accepts it, and which of the two ways carries it."""

import base64
import binascii
import hashlib
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from aiohttp import web

from server.kit.errors import Malformed
from server.kit.head import Head
from server.sockets import lean, stock
from server.sockets.lines import AVAILABLE, Lines
from server.sockets.wires import Talk

LINES: web.AppKey[Lines | None] = web.AppKey("lines")

Way: TypeAlias = Callable[[Head], Talk | Coroutine[Any, Any, Talk]]
"""Who will talk with whoever asks so, at once or after a while; what it raises is answered instead of the upgrade."""
SUBPROTOCOL = "reelwire.v1"
VERSION = "13"
KEY_BYTES = 16
KEY_SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, 1.3."""

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


def require_upgrade(head: Head) -> None:
    """The request asks for a WebSocket.

    Raises:
        Malformed: it does not (RFC 6455, 4.2.1); the answer names the version that we speak (4.2.2).
    """
    headers = head.headers
    asks = head.method == "GET" and headers.get("Upgrade", "").strip().lower() == "websocket"
    if (
        not asks
        or "upgrade" not in _listed(head, "Connection")
        or headers.get("Sec-WebSocket-Version") != VERSION
        or not _key(head)
    ):
        spoken = {"Sec-WebSocket-Version": VERSION}
        raise Malformed(f"This is a WebSocket: send an upgrade (RFC 6455, version {VERSION}).", headers=spoken)


def accepted(head: Head) -> bytes:
    """The 101 that accepts (RFC 6455, 4.2.2)."""
    digest = hashlib.sha1(head.headers["Sec-WebSocket-Key"].encode() + KEY_SUFFIX).digest()  # noqa: S324 - the RFC says so
    subprotocol = _subprotocol(head)
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %b\r\n%b\r\n"
    ) % (base64.b64encode(digest), b"Sec-WebSocket-Protocol: %b\r\n" % subprotocol.encode() if subprotocol else b"")


async def answer(request: web.Request, way: Way) -> web.StreamResponse:
    """Accept, if somebody will talk; of those who ask by aiohttp's own way, all of which have passed its middlewares."""
    asked = way(request)
    talk = await asked if isinstance(asked, Coroutine) else asked
    taken = False
    try:
        response = await carry(request, talk)
        taken = True
    finally:
        if not taken:
            talk.ended()
    return response


async def carry(request: web.Request, talk: Talk) -> web.StreamResponse:
    """Accept the upgrade, and let `talk` have the connection. It is told when that ends, unless this raises.

    A client that has left meanwhile is told nothing, and is no failure of ours.
    """
    if request.transport is None or request.transport.is_closing():
        talk.ended()
        return lean.Detached()
    own = request.app[LINES]
    if own is not None:
        if (why := lean.obstacle(request)) is None:
            return lean.carry(request, talk, accepted(request), own)
        _log_once(why)
    if (connection := request.transport.get_extra_info("socket")) is not None:
        lean.tune(connection.fileno())
    return await stock.carry(request, talk, _subprotocol(request))


def _subprotocol(head: Head) -> str | None:
    return SUBPROTOCOL if SUBPROTOCOL in _listed(head, "Sec-WebSocket-Protocol") else None


def _listed(head: Head, name: str) -> set[str]:
    """The words of a header that is a list, in lower case."""
    return {word.strip().lower() for value in head.headers.getall(name, ()) for word in value.split(",")}


def _key(head: Head) -> bool:
    """Whether the key is sixteen bytes in base64."""
    try:
        return len(binascii.a2b_base64(head.headers.get("Sec-WebSocket-Key", ""), strict_mode=True)) == KEY_BYTES
    except ValueError:
        return False


_told: set[str] = set()


def _log_once(why: str) -> None:
    if why not in _told:
        _told.add(why)
        log.warning("a live session is a stock one: %s", why)
