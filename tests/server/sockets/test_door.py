"""What has a connection first answers as aiohttp's way to the same room does, and leaves to it what is not its own."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from server.kit.errors import Unavailable
from server.kit.head import Head
from server.kit.metrics import REQUESTS
from server.kit.problems import problems
from server.kit.serving import FRONT, HEADER_BYTES
from server.sockets import door, upgrade
from server.sockets.door import Door, Doors
from server.sockets.echo import Echo
from server.sockets.limits import READ_BYTES
from server.sockets.wires import Talk
from tests.fronted import Fronted
from tests.server.live.stage import Node, Stage
from tests.server.live.test_routes import ticket
from tests.server.sockets.test_echo import CLOSE, KEY, TEXT, Raw, bye, frame
from tests.waiting import LIMIT_SECONDS, until

ASKED = (
    "Host: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
)
BEARER = "Authorization: Bearer {token}\r\n"
LIVE = "GET /api/v1/live HTTP/1.1\r\n"
WITH_TICKET = "GET /api/v1/live?ticket={ticket} HTTP/1.1\r\n"


@dataclass
class Seen:
    """Which first bytes were asked about, and whether they were a knock at a door."""

    knocks: list[bool] = field(default_factory=list)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    found, ask = Seen(), Doors.knock

    def knock(doors: Doors, data: bytes) -> object:
        known = ask(doors, data)
        found.knocks.append(known is not None)
        return known

    monkeypatch.setattr(Doors, "knock", knock)
    return found


async def _answer(reader: asyncio.StreamReader) -> tuple[str, list[str], bytes]:
    """The status line, the headers but for the clock's, and the body, or the next frame's opcode and the code of a close."""
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LIMIT_SECONDS)).decode()
    status, *headers = head.strip().split("\r\n")
    if (size := re.search(r"(?i)content-length: (\d+)", head)) is not None:
        body = await reader.readexactly(int(size[1]))
    else:
        first = await asyncio.wait_for(Raw(reader, cast(Any, None)).next(), LIMIT_SECONDS)
        assert first is not None
        body = bytes([first[0]]) + (first[1] if first[0] == CLOSE else b"")
    return status, [line for line in headers if not line.startswith("Date:")], body


async def _asked(node: Node, seen: Seen, request: bytes, *, at_once: bool) -> tuple[str, list[str], bytes]:
    reader, writer = await asyncio.open_connection(node.server.host, node.server.port)
    try:
        if not at_once:  # what is not whole is aiohttp's
            before = len(seen.knocks)
            writer.write(request[:40])
            await until(lambda: len(seen.knocks) > before)
            request = request[40:]
        writer.write(request)
        return await _answer(reader)
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("request_text", "status", "by_door"),
    [
        (LIVE + ASKED + BEARER, 101, True),
        (WITH_TICKET + ASKED, 101, True),
        (WITH_TICKET + ASKED + "Origin: {origin}\r\nSec-WebSocket-Protocol: other, reelwire.v1\r\n", 101, True),
        ("GET /api/v1/live?a=b&ticket={ticket}&ticket=c HTTP/1.1\r\n" + ASKED, 101, True),
        ("GET /api/v1/live?ticket=never HTTP/1.1\r\n" + ASKED, 101, True),
        ("GET /api/v1/live?ticket= HTTP/1.1\r\n" + ASKED, 101, True),
        (LIVE + ASKED, 401, True),
        (LIVE + ASKED + "Authorization: Bearer not.a.token\r\n", 401, True),
        (WITH_TICKET + ASKED + "Authorization: Basic abc\r\n", 401, True),
        (WITH_TICKET + ASKED + "Origin: https://evil.example\r\n", 403, True),
        (LIVE + ASKED.replace("13", "12") + BEARER, 400, True),
        (LIVE + ASKED.replace(KEY, "short") + BEARER, 400, True),
        (LIVE + ASKED + BEARER + f"X-Long: {'x' * (HEADER_BYTES + 1)}\r\n", 400, False),
        (LIVE + ASKED + BEARER + "Host: y\r\n", 400, False),
        (LIVE + ASKED + BEARER + "X-Bad: \x01\r\n", 400, False),
        (LIVE + ASKED.replace("Host: x\r\n", "") + BEARER, 400, False),
        (LIVE + ASKED.replace("Upgrade: websocket", "Upgrade: h2c") + BEARER, 400, False),
        (LIVE + "Host: x\r\n" + BEARER, 400, False),
        (LIVE + ASKED + BEARER + "Content-Length: 1\r\n", 101, False),
        (LIVE.replace("1.1", "1.0") + ASKED + BEARER, 101, False),
        (LIVE.replace("live", "l%69ve") + ASKED + BEARER, 101, False),
        (LIVE.replace("GET ", "GET http://x") + ASKED + BEARER, 101, False),
        (LIVE.replace("live", "live/") + ASKED + BEARER, 404, False),
        (LIVE.replace("GET", "HEAD") + ASKED + BEARER, 400, False),
        (LIVE.replace("GET", "POST") + ASKED + BEARER, 405, False),
    ],
)
async def test_it_answers_as_aiohttp_does(
    stage: Stage, node: Node, seen: Seen, request_text: str, status: int, by_door: bool
) -> None:
    ann = await stage.somebody()
    answers: list[Any] = []
    for at_once in (True, False):
        words = {"token": ann.token, "ticket": await ticket(node, ann), "origin": stage.settings.public_url}
        seen.knocks.clear()
        request = (request_text.format(**words) + "\r\n").encode() + (b"x" if "Content-Length" in request_text else b"")
        if request.startswith(b"HEAD"):  # whose answer says how long a body it does not have
            reader, writer = await asyncio.open_connection(node.server.host, node.server.port)
            writer.write(request)
            answers.append((await asyncio.wait_for(reader.readline(), LIMIT_SECONDS)).decode().strip())
            writer.close()
        else:
            answers.append(await _asked(node, seen, request, at_once=at_once))
            assert seen.knocks == [by_door and at_once]
    one, other = answers
    assert one == other
    assert str(one if isinstance(one, str) else one[0]).split()[1] == str(status)


async def test_a_refused_upgrade_leaves_the_connection_for_what_comes_next(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    reader, writer = await asyncio.open_connection(node.server.host, node.server.port)
    writer.write(f"{LIVE}{ASKED}\r\n".encode())
    assert (await _answer(reader))[0] == "HTTP/1.1 401 Unauthorized"
    writer.write(f"{LIVE}{ASKED}{BEARER}\r\n".format(token=ann.token).encode())
    assert (await _answer(reader))[0] == "HTTP/1.1 101 Switching Protocols"
    writer.close()


@dataclass
class Room:
    """Somebody behind a door who comes when a test lets him."""

    asked: int = 0
    ended: int = 0
    refusal: Exception | None = None
    may: asyncio.Event = field(default_factory=asyncio.Event)

    async def way(self, head: Head) -> Talk:
        upgrade.require_upgrade(head)
        self.asked += 1
        await self.may.wait()
        if self.refusal is not None:
            raise self.refusal
        return Told(self)


class Told(Echo):
    """Tells the room of its end."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self._room = room

    def ended(self) -> None:
        super().ended()
        self._room.ended += 1


@dataclass
class House:
    """A server of one room."""

    room: Room
    doors: Doors
    server: Fronted

    @asynccontextmanager
    async def knocked(self, behind: bytes = b"") -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection with a request that is being looked at."""
        before = self.room.asked
        reader, writer = await asyncio.open_connection(self.server.host, self.server.port)
        try:
            writer.write(f"GET /room HTTP/1.1\r\n{ASKED}\r\n".encode() + behind)
            await until(lambda: self.room.asked > before)
            yield reader, writer
        finally:
            writer.close()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    room, app = Room(), web.Application(middlewares=[problems])

    async def ordinary(request: web.Request) -> web.StreamResponse:
        return await upgrade.answer(request, room.way)

    with upgrade.lines("lean") as lines:
        assert lines is not None
        app[upgrade.LINES], doors = lines, Doors(lines, {"/room": room.way})
        app[FRONT] = doors.door
        app.on_shutdown.append(doors.close)
        app.router.add_get("/room", ordinary)
        server = Fronted(app)
        async with server:
            yield House(room, doors, server)
            room.may.set()


@pytest.mark.parametrize("size", [5, 300_000])
async def test_who_does_not_wait_for_the_answer_is_heard_behind_it(
    house: House, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    came, receive = bytearray(), Door.data_received

    def data_received(one: Door, data: bytes) -> None:
        came.extend(data)
        receive(one, data)

    monkeypatch.setattr(Door, "data_received", data_received)
    async with house.knocked(frame(TEXT, b"one")) as (reader, writer):
        before = len(came)
        writer.write(said := frame(TEXT, b"x" * size) + bye())
        await until(lambda: len(came) - before >= min(len(said), READ_BYTES))
        house.room.may.set()
        assert (await _head(reader)).startswith("HTTP/1.1 101")
        answers = await Raw(reader, writer).rest()
    assert [opcode for opcode, _ in answers] == [TEXT, TEXT, CLOSE]
    assert [len(payload) for _, payload in answers] == [3, size, 2]


async def test_nobody_is_opened_for_a_client_that_left_meanwhile(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async with house.knocked():
        (opening,) = house.doors.openings
    await until(opening.done)
    assert opening.cancelled()
    await until(lambda: not house.doors.openings)
    assert not caplog.records


@pytest.mark.parametrize(
    "before",
    [
        LIVE + ASKED + "Transfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer somebody\r\n\r\n",
        LIVE + ASKED + "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Left: behind\r\n",
        LIVE + ASKED + "Content-Length: 4\r\n\r\nX-Le",
        LIVE + ASKED.replace("keep-alive", "close") + "\r\n",
        LIVE + ASKED.replace("Upgrade\r\n", "Upgrade, close\r\n") + "\r\n",
        LIVE + ASKED + "Expect: 100-continue\r\n\r\nX-Left: be",
        LIVE + ASKED + "\r\nX-Left: behind\r\nX-More",
        LIVE + "X-Left: behind\r\nX-Mo",
    ],
)
async def test_nothing_of_one_request_is_in_the_next(house: House, before: str) -> None:
    """They are strangers', and one parser reads them."""
    doors = Doors(house.doors.lines, {"/api/v1/live": house.room.way})
    asked = (LIVE + ASKED + "\r\n").encode()
    plain = doors.knock(asked)
    assert plain is not None
    doors.knock(before.encode())
    after = doors.knock(asked)
    assert after is not None
    assert (after.message.raw_headers, after.message.url) == (plain.message.raw_headers, plain.message.url)
    assert (after.message.should_close, after.tail) == (False, b"")


async def test_what_is_refused_late_is_told_once_and_as_everything_else(house: House) -> None:
    house.room.refusal = Unavailable("Not now.", retry_after=7)
    async with house.knocked() as (reader, writer):
        house.room.may.set()
        status, headers, body = await _answer(reader)
        assert status == "HTTP/1.1 503 Service Unavailable"
        assert "Retry-After: 7" in headers
        assert b'"code":"unavailable"' in body
        house.room.refusal = None
        writer.write(f"GET /room HTTP/1.1\r\n{ASKED}\r\n".encode())
        assert (await _head(reader)).startswith("HTTP/1.1 101")
    assert house.room.asked == 2


async def _head(reader: asyncio.StreamReader) -> str:
    return (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LIMIT_SECONDS)).decode()


async def test_without_a_descriptor_it_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none_left(_: int) -> int:
        raise OSError(24, "too many open files")

    async with house.knocked() as (reader, _):
        monkeypatch.setattr("server.sockets.lean.os.dup", none_left)
        house.room.may.set()
        assert (await _head(reader)).startswith("HTTP/1.1 500")
    assert house.room.ended == 1
    assert "too many open files" in caplog.text


async def test_who_says_nothing_is_sent_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.sockets.door.KEEPALIVE_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection(house.server.host, house.server.port)
    assert await asyncio.wait_for(reader.read(), LIMIT_SECONDS) == b""
    writer.close()
    await until(lambda: not house.doors._silent)


async def test_at_the_end_the_silent_are_sent_away_and_who_has_knocked_is_still_answered(house: House) -> None:
    silent, writer = await asyncio.open_connection(house.server.host, house.server.port)
    await until(lambda: house.doors._silent)
    async with house.knocked() as (reader, _):
        closing = asyncio.create_task(house.doors.close(house.server.app), name="closing")
        assert await asyncio.wait_for(silent.read(), LIMIT_SECONDS) == b""
        house.room.may.set()
        assert (await _head(reader)).startswith("HTTP/1.1 101")
        await asyncio.wait_for(closing, LIMIT_SECONDS)
    writer.close()


async def test_at_the_end_nobody_is_waited_for_very_long(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.sockets.door.SHUTDOWN_SECONDS", 0.05)
    async with house.knocked() as (reader, _):
        await asyncio.wait_for(house.doors.close(house.server.app), LIMIT_SECONDS)
        assert await asyncio.wait_for(reader.read(), LIMIT_SECONDS) == b""


async def test_it_is_counted_as_every_answer(house: House) -> None:
    def counted() -> float:
        return float(REQUESTS.labels("GET", "/room", 101)._value.get())

    before = counted()
    house.room.may.set()
    async with house.knocked() as (reader, _):
        await _head(reader)
    await until(lambda: counted() == before + 1)


async def test_one_parser_reads_them_all_and_another_one_follows_where_it_was_left_in_the_midst(house: House) -> None:
    whole = f"GET /room?a=1 HTTP/1.1\r\n{ASKED}\r\n".encode()
    knock = house.doors.knock(whole + b"behind")
    assert knock is not None
    assert (knock.query["a"], knock.tail, knock.headers["Host"]) == ("1", b"behind", "x")
    kept = house.doors._parser
    for broken in (whole[:-3], whole.replace(b"Host: x", b"Host"), whole.replace(b"websocket", b"h2c")):
        assert house.doors.knock(broken) is None
        assert house.doors._parser is None
        again = house.doors.knock(whole)
        assert again is not None
        assert again.tail == b""
    assert kept is not None
    assert house.doors.knock(b"POST /room HTTP/1.1\r\n\r\n") is None
    assert house.doors.knock(b"GET /other HTTP/1.1\r\n\r\n") is None


def test_the_limits_are_those_that_aiohttp_has_for_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a request could pass here that aiohttp refuses."""
    names = ("max_line_size", "max_headers", "max_field_size", "auto_decompress")
    made: list[dict[str, Any]] = []

    def parser(*_: Any, **options: Any) -> None:
        made.append({name: options[name] for name in names if name in options})

    async def make() -> None:
        monkeypatch.setattr("aiohttp.web_protocol.HttpRequestParser", parser)
        loop = asyncio.get_running_loop()
        RequestHandler(web.Server(cast(Any, None)), loop=loop, max_field_size=HEADER_BYTES, auto_decompress=False)
        monkeypatch.setattr("server.sockets.door.HttpRequestParser", parser)
        door.new_parser()

    asyncio.run(make())
    theirs, ours = made
    assert theirs == ours, (
        f"aiohttp {aiohttp.__version__} has other limits than 3.14 had: give them to the parser in server/sockets/door.py."
    )
