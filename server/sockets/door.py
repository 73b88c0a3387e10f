"""What a connection says first: an upgrade to a socket is answered here, and all else is aiohttp's from its first byte on.

Most of what an upgrade costs is what aiohttp does for any request: a parser, tasks, a request, a router, middlewares. Here one
parser, of aiohttp's own, serves all connections. What it does not read at once as such a request aiohttp reads anew, and so it
does where the answer is a refusal: one place alone renders these (`server/kit/problems.py`).
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import NamedTuple, cast

from aiohttp import HttpVersion11, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpProcessingError, HttpRequestParser, RawRequestMessage
from aiohttp.streams import EMPTY_PAYLOAD
from multidict import CIMultiDictProxy, MultiMapping

from server.kit.errors import Refusal
from server.kit.metrics import Answered
from server.kit.serving import HEADER_BYTES, KEEPALIVE_SECONDS, SHUTDOWN_SECONDS, Connection
from server.sockets import lean, upgrade
from server.sockets.limits import READ_BYTES
from server.sockets.lines import Lines
from server.sockets.wires import Talk
from storage.postgres import AWAY

GET = b"GET "
SWITCHING = 101
LINE_BYTES, MOST_HEADERS = 8190, 128
"""What aiohttp takes where nothing else is said."""

log = logging.getLogger(__name__)


class Passage(NamedTuple):
    """Where a path leads."""

    way: upgrade.Way
    answered: Answered


class Knock(NamedTuple):
    """A whole request for an upgrade, and what came behind it; it is a `Head`."""

    passage: Passage
    message: RawRequestMessage
    tail: bytes

    @property
    def method(self) -> str:
        """See `Head`."""
        return self.message.method

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """See `Head`."""
        return self.message.headers

    @property
    def query(self) -> MultiMapping[str]:
        """See `Head`."""
        return self.message.url.query


class Doors:
    """What all connections of a process have in common.

    Attributes:
        lines: what carries those that have upgraded.
        openings: what is being opened.
    """

    def __init__(self, lines: Lines, ways: Mapping[str, upgrade.Way]) -> None:
        self._passages = {path.encode(): Passage(way, Answered("GET", path, SWITCHING)) for path, way in ways.items()}
        self._parser: HttpRequestParser | None = None
        self._closed = False
        self.lines = lines
        self._silent: dict[Door, float] = {}  # when each is sent away, the soonest first
        self._timer: asyncio.TimerHandle | None = None
        self.openings: set[asyncio.Task[Talk]] = set()

    def door(self, ordinary: Callable[[], Connection]) -> asyncio.BaseProtocol:
        """For a new connection; `ordinary` makes what has it if it is no socket's."""
        return ordinary() if self._closed else Door(self, ordinary)

    async def close(self, _app: web.Application) -> None:
        """Send away who has said nothing yet, and let what is being opened come to its end, for a while."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for door in self._silent:
            door.send_away()
        if self.openings:
            _, late = await asyncio.wait(self.openings, timeout=SHUTDOWN_SECONDS)
            for opening in late:
                opening.cancel()
            if late:
                await asyncio.wait(late, timeout=SHUTDOWN_SECONDS)

    def begin(self, door: "Door") -> None:
        """This one has said nothing yet; it may be silent for as long as aiohttp would let it."""
        now = asyncio.get_running_loop().time()
        self._silent[door] = now + KEEPALIVE_SECONDS
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(KEEPALIVE_SECONDS, self._wake)

    def heard(self, door: "Door") -> None:
        """It has said something, or is gone."""
        self._silent.pop(door, None)

    def _wake(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        for door, at in self._silent.items():
            if at > loop.time():
                self._timer = loop.call_at(at, self._wake)
                break
            door.send_away()

    def knock(self, data: bytes) -> Knock | None:
        """What a connection's first bytes ask for; None unless that is an upgrade at a path of ours, and all of it."""
        if self._closed or not data.startswith(GET):
            return None
        passage = self._passages.get(data[len(GET) : data.find(b" ", len(GET))].partition(b"?")[0])
        if passage is None:
            return None
        parser, self._parser = self._parser, None
        try:
            messages, upgraded, tail = (parser := parser or new_parser()).feed_data(data)
        except HttpProcessingError:
            return None
        if not upgraded or len(messages) != 1:
            return None
        message, payload = messages[0]
        if payload is not EMPTY_PAYLOAD or message.version != HttpVersion11 or "Expect" in message.headers:
            return None
        if not message.should_close:
            # Only now it stands where the next request may begin, and holds nothing of this one: after a body it would remember
            # trailers. After anything else another parser takes its place.
            parser.set_upgraded(False)
            self._parser = parser
        return Knock(passage, message, tail)


class Door(asyncio.Protocol):
    """One connection, until it is known whose it is."""

    __slots__ = ("_data", "_doors", "_opening", "_ordinary", "_transport")

    def __init__(self, doors: Doors, ordinary: Callable[[], Connection]) -> None:
        self._doors = doors
        self._ordinary = ordinary
        self._opening: asyncio.Task[Talk] | None = None
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast(asyncio.Transport, transport)
        self._doors.begin(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it ended
        """See `asyncio.Protocol`. Nobody is opened for a client that has gone: it may have come again already."""
        self._doors.heard(self)
        if self._opening is not None:
            self._opening.cancel()

    def send_away(self) -> None:
        """Nothing was said for too long, or the process stops."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._data:  # it is being opened, and the client did not wait
            self._data += data
            if len(self._data) > READ_BYTES:
                self._transport.pause_reading()
            return
        began = time.perf_counter()
        self._doors.heard(self)
        self._data = data
        knock = self._doors.knock(data)
        if knock is None:
            self._hand_on(None)
            return
        try:
            asked = knock.passage.way(knock)
        except Refusal as error:
            self._refuse(error)
            return
        if not isinstance(asked, Coroutine):
            self._carry(asked, knock, knock.tail, began)
            return
        opening = self._opening = asyncio.get_running_loop().create_task(asked, name="opening")
        self._doors.openings.add(opening)
        opening.add_done_callback(lambda task: self._opened(task, knock, len(data), began))

    def _opened(self, opening: "asyncio.Task[Talk]", knock: Knock, read: int, began: float) -> None:
        self._doors.openings.discard(opening)
        self._opening = None
        if opening.cancelled():
            self._transport.abort()
        elif (error := opening.exception()) is not None:
            self._refuse(error)
        elif self._transport.is_closing():
            opening.result().ended()
        else:
            self._carry(opening.result(), knock, knock.tail + self._data[read:], began)

    def _carry(self, talk: Talk, knock: Knock, tail: bytes, began: float) -> None:
        try:
            lean.begin(self._transport, talk, upgrade.accepted(knock), tail, self._doors.lines)
        except OSError as error:
            talk.ended()
            self._refuse(error)
        else:
            knock.passage.answered.count(time.perf_counter() - began)

    def _refuse(self, error: BaseException) -> None:
        """Have aiohttp answer with what was found out."""
        if not self._transport.is_closing():
            self._hand_on(error)
        elif not isinstance(error, (Refusal, *AWAY)):
            log.error("an opening failed, and its client is gone", exc_info=error)

    def _hand_on(self, foregone: BaseException | None) -> None:
        connection = self._ordinary()
        connection.foregone = foregone
        self._transport.set_protocol(connection)
        connection.connection_made(self._transport)
        self._transport.resume_reading()  # before the data, of which aiohttp may find too much too
        connection.data_received(self._data)


def new_parser() -> HttpRequestParser:
    """As aiohttp makes one for each connection of ours (`server/kit/serving.py`); a test compares the two."""
    loop = asyncio.get_running_loop()
    return HttpRequestParser(
        BaseProtocol(loop),
        loop,
        READ_BYTES,
        max_line_size=LINE_BYTES,
        max_field_size=HEADER_BYTES,
        max_headers=MOST_HEADERS,
        auto_decompress=False,
    )
