"""The echo, and by it every clause of RFC 6455, sections 5 to 7, that concerns a server, in both ways of carrying a session."""

import asyncio
import dataclasses
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from pytest_aiohttp.plugin import AiohttpClient

from server.kit.request import SETTINGS
from server.kit.serving import FRONT
from server.settings import SOCKET_SESSIONS, Settings
from server.sockets import upgrade
from server.sockets.door import Doors
from server.sockets.echo import MAX_MESSAGE_BYTES, echo, get_echo
from server.web import application
from tests.fronted import Fronted
from tests.people import Client
from tests.waiting import LIMIT_SECONDS

PATH = "/api/v1/live/echo"
CONT, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The example of RFC 6455, 1.3."""


async def test_it_is_not_there_unless_it_is_asked_for(client: Client) -> None:
    assert (await client.get(PATH)).status == 404


@pytest.mark.parametrize("sessions", SOCKET_SESSIONS)
@pytest.mark.parametrize("size", [0, 5000, 1_000_000])
async def test_messages_come_back_as_they_were(
    aiohttp_client: AiohttpClient, settings: Settings, size: int, sessions: str
) -> None:
    client = await aiohttp_client(application(dataclasses.replace(settings, test_echo=True, socket_sessions=sessions)))
    async with client.ws_connect(PATH, max_msg_size=0) as socket:
        await socket.send_str("é" * size)
        assert await socket.receive_str(timeout=60) == "é" * size
        await socket.send_bytes(b"\xff" * size)
        assert await socket.receive_bytes(timeout=60) == b"\xff" * size


# The clauses, by raw bytes


@dataclass(frozen=True)
class Echoing:
    """A server of nothing but the echo."""

    sessions: str
    server: BaseTestServer


@pytest.fixture(scope="module", params=[*SOCKET_SESSIONS, "door"])
async def echoing(request: pytest.FixtureRequest) -> AsyncIterator[Echoing]:
    by_door = request.param == "door"

    async def lines(app: web.Application) -> AsyncIterator[None]:
        with upgrade.lines("lean" if by_door else request.param) as found:
            app[upgrade.LINES] = found
            if by_door and found is not None:
                app[FRONT] = Doors(found, {PATH: echo}).door
            yield

    app = web.Application()
    app[SETTINGS] = Settings()
    app.cleanup_ctx.append(lines)
    app.router.add_get(PATH, get_echo)
    async with Fronted(app) if by_door else TestServer(app) as server:
        yield Echoing(request.param, server)


def frame(
    opcode: int, payload: bytes = b"", *, first: int = 0x80, mask: bytes | None = b"\x37\xfa\x21\x3d", size: str = ""
) -> bytes:
    """A client's frame (5.2). `first`: FIN and reserved bits. `size`: how its length is written, as `struct` has it."""
    size = size or ("" if len(payload) < 126 else "H" if len(payload) < 1 << 16 else "Q")
    length = len(payload) if not size else {"H": 126, "Q": 127}[size]
    head = struct.pack("!BB", first | opcode, length | (0x80 if mask else 0)) + (
        struct.pack(f"!{size}", len(payload)) if size else b""
    )
    if not mask:
        return head + payload
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def part(opcode: int, payload: bytes = b"") -> bytes:
    """A fragment that is not the last one (5.4)."""
    return frame(opcode, payload, first=0)


def bye(code: int = 1000, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason)


class Raw:
    """A connection that has upgraded, and says only what a test makes it say."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def next(self) -> tuple[int, bytes] | None:
        """Opcode and payload of the server's next frame, which is whole and not masked (5.1); None at the end of the stream."""
        first = await self._reader.read(1)
        if not first:
            return None
        assert first[0] & 0xF0 == 0x80
        (size,) = await self._reader.readexactly(1)
        assert size < 128
        if size > 125:
            (size,) = struct.unpack("!H" if size == 126 else "!Q", await self._reader.readexactly(2 if size == 126 else 8))
        return first[0] & 0x0F, await self._reader.readexactly(size)

    async def rest(self) -> list[tuple[int, bytes]]:
        """Every frame until the server ends the connection, which it does by itself after a close (7.1.1)."""
        found = []
        async with asyncio.timeout(LIMIT_SECONDS):
            while (one := await self.next()) is not None:
                found.append(one)
        return found


@asynccontextmanager
async def raw(echoing: Echoing, with_upgrade: bytes = b"", headers: str = "") -> AsyncIterator[Raw]:
    reader, writer = await asyncio.open_connection(echoing.server.host, echoing.server.port, limit=1 << 25)
    request = (
        f"GET {PATH} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{headers}\r\n"
    )
    writer.write(request.encode() + with_upgrade)
    try:
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 ")
        assert f"Sec-WebSocket-Accept: {ACCEPT}".encode() in answer
        assert b"Sec-WebSocket-Extensions" not in answer
        yield Raw(reader, writer)
    finally:
        writer.close()


def closed(code: int) -> list[tuple[int, bytes]]:
    return [(CLOSE, struct.pack("!H", code))]


SAID = "κόσμε 🎬".encode()
BYE = bye(), closed(1000)

ANSWERED: dict[str, tuple[bytes, list[tuple[int, bytes]]]] = {
    "5.2: an empty text": (frame(TEXT), [(TEXT, b"")]),
    **{
        f"5.2: a text of {size} bytes": (frame(TEXT, b"x" * size), [(TEXT, b"x" * size)])
        for size in (1, 125, 126, 65_535, 65_536)
    },
    "5.2: a length in more bytes than it needs is read": (
        frame(TEXT, b"ab", size="H") + frame(BINARY, b"c", size="Q"),
        [(TEXT, b"ab"), (BINARY, b"c")],
    ),
    "5.3: any mask": (
        b"".join(frame(TEXT, b"masked", mask=mask) for mask in (bytes(4), b"\xff" * 4, b"\x00\x00\x00\x01")),
        [(TEXT, b"masked")] * 3,
    ),
    "5.4: fragments become one message": (part(TEXT, b"a") + part(CONT, b"b") + frame(CONT, b"c"), [(TEXT, b"abc")]),
    "5.4: binary ones too": (part(BINARY, b"\xff") + frame(CONT, b"\xfe"), [(BINARY, b"\xff\xfe")]),
    "5.4: fragments may be empty": (part(TEXT) + part(CONT) + frame(CONT), [(TEXT, b"")]),
    "5.4: control frames come between fragments": (
        part(TEXT, b"a") + frame(PING, b"1") + part(CONT, b"b") + frame(PONG) + frame(PING, b"2") + frame(CONT, b"c"),
        [(PONG, b"1"), (PONG, b"2"), (TEXT, b"abc")],
    ),
    "5.4: message after message": (part(TEXT, b"a") + frame(CONT) + frame(BINARY, b"b"), [(TEXT, b"a"), (BINARY, b"b")]),
    "5.5.2: a ping without payload": (frame(PING), [(PONG, b"")]),
    "5.5.2: a ping of 125 bytes": (frame(PING, bytes(range(125))), [(PONG, bytes(range(125)))]),
    "5.5.2: ten pings": (b"".join(frame(PING, b"%d" % n) for n in range(10)), [(PONG, b"%d" % n) for n in range(10)]),
    "5.5.3: a pong that nobody asked for": (frame(PONG, b"?") + frame(PING), [(PONG, b"")]),
    "5.6: a text": (frame(TEXT, SAID), [(TEXT, SAID)]),
    "5.6: characters may be cut by fragments": (
        part(TEXT, SAID[:3]) + b"".join(part(CONT, SAID[at : at + 1]) for at in range(3, len(SAID))) + frame(CONT),
        [(TEXT, SAID)],
    ),
    "5.6: the ends of UTF-8": (
        frame(TEXT, "\x00\ud7ff\ue000\U0010ffff".encode()),
        [(TEXT, "\x00\ud7ff\ue000\U0010ffff".encode())],
    ),
    "5.6: binary is any bytes": (frame(BINARY, bytes(range(256))), [(BINARY, bytes(range(256)))]),
}
FAILED: dict[str, tuple[bytes, int]] = {
    "5.1: no mask": (frame(TEXT, b"x", mask=None), 1002),
    "5.1: a ping without a mask": (frame(PING, mask=None), 1002),
    **{f"5.2: reserved bit {bit:#x}": (frame(TEXT, b"x", first=0x80 | bit), 1002) for bit in (0x40, 0x20, 0x10)},
    "5.2: a reserved bit of a control frame": (frame(PING, first=0xC0), 1002),
    **{f"5.2: opcode {code:#x}": (frame(code, b"x"), 1002) for code in (*range(3, 8), *range(0xB, 0x10))},
    "5.2: the highest bit of the length": (b"\x82\xff" + struct.pack("!Q", 1 << 63) + bytes(4), 1009),
    "5.4: a continuation of nothing": (frame(CONT, b"x"), 1002),
    "5.4: a continuation after a control frame": (frame(PONG) + frame(CONT, b"c"), 1002),
    "5.4: a message within a message": (part(TEXT, b"a") + frame(TEXT, b"b"), 1002),
    "5.5: a fragmented ping": (part(PING, b"x"), 1002),
    "5.5: a fragmented close": (part(CLOSE), 1002),
    **{f"5.5: {name} of 126 bytes": (frame(code, bytes(126)), 1002) for name, code in (("ping", PING), ("pong", PONG))},
    "5.5.1: a close of 126 bytes": (bye(1000, b"x" * 124), 1002),
    "5.5.1: half a code": (frame(CLOSE, b"\x03"), 1002),
    "5.5.1: a reason that is not UTF-8": (bye(1000, b"\xff"), 1007),
    **{
        f"5.6: {name}": (frame(TEXT, b"ok" + data), 1007)
        for name, data in {
            "a lone continuation byte": b"\x80",
            "a character cut short": "é".encode()[:1],
            "an overlong form": b"\xc0\xaf",
            "a surrogate": b"\xed\xa0\x80",
            "more than U+10FFFF": b"\xf4\x90\x80\x80",
        }.items()
    },
    "5.6: a character cut short by the last fragment": (part(TEXT, b"ok") + frame(CONT, b"\xe2\x82"), 1007),
    "5.6: the first fragment tells already": (part(TEXT, b"ok\xf4\x90"), 1007),
    **{f"7.4.1: code {code}": (bye(code), 1002) for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999)},
    "7.4.2: code 5000": (bye(5000), 1002),
    "10.4: a frame over the limit": (b"\x82\xff" + struct.pack("!Q", MAX_MESSAGE_BYTES + 1) + bytes(4), 1009),
}
STOCK_TAKES = {
    "5.1: no mask",
    "5.1: a ping without a mask",
    "5.2: a reserved bit of a control frame",
    "5.6: the first fragment tells already",
    "7.4.1: code 1006",
    "7.4.2: code 5000",
}
"""What aiohttp lets pass, or refuses later: one of the reasons why stock sessions are not the default."""


@pytest.mark.parametrize("clause", ANSWERED)
async def test_what_the_protocol_allows_is_answered(echoing: Echoing, clause: str) -> None:
    said, answers = ANSWERED[clause]
    async with raw(echoing) as wire:
        wire.writer.write(said + bye())
        found = await wire.rest()
    # A pong waits for no message that is being answered (5.5.2: "as soon as is practical").
    assert sorted(found[:-1]) == sorted(answers)
    assert [one for one in found if one[0] != PONG] == [*(one for one in answers if one[0] != PONG), *closed(1000)]


@pytest.mark.parametrize("clause", [clause for clause, (said, _) in ANSWERED.items() if len(said) < 1000])
async def test_wherever_the_network_cuts_it(echoing: Echoing, clause: str) -> None:
    said, answers = ANSWERED[clause]
    async with raw(echoing, with_upgrade=said[:1]) as wire:
        for at in range(1, len(said)):
            wire.writer.write(said[at : at + 1])
            await asyncio.sleep(0)
        wire.writer.write(bye())
        assert sorted(await wire.rest()) == sorted([*answers, *closed(1000)])


@pytest.mark.parametrize("clause", FAILED)
async def test_what_the_protocol_forbids_ends_the_connection_with_a_code(echoing: Echoing, clause: str) -> None:
    if echoing.sessions == "stock" and clause in STOCK_TAKES:
        pytest.xfail("aiohttp lets it pass")
    said, code = FAILED[clause]
    async with raw(echoing) as wire:
        wire.writer.write(frame(TEXT, b"before") + said)
        assert await wire.next() == (TEXT, b"before")
        one = await asyncio.wait_for(wire.next(), LIMIT_SECONDS)
        assert one is not None
        assert (one[0], one[1][:2]) == (CLOSE, struct.pack("!H", code))
        wire.writer.write(frame(TEXT, b"after") + frame(PING) + bye())  # 7.1.7: nothing is processed any more
        assert await wire.rest() == []


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999])
async def test_a_close_is_answered_with_its_code(echoing: Echoing, code: int) -> None:
    async with raw(echoing) as wire:
        wire.writer.write(bye(code, "überall".encode()))
        assert await wire.rest() == closed(code)


async def test_a_close_without_a_code_is_answered_by_one_without(echoing: Echoing) -> None:
    async with raw(echoing) as wire:
        wire.writer.write(frame(CLOSE))
        assert await wire.rest() == [(CLOSE, b"")]


async def test_what_follows_a_close_is_ignored(echoing: Echoing) -> None:
    async with raw(echoing) as wire:
        wire.writer.write(bye() + frame(PING) + frame(TEXT, b"late") + bye(1001) + b"\xff" * 1000)
        assert await wire.rest() == closed(1000)


async def test_a_close_may_come_within_a_fragmented_message(echoing: Echoing) -> None:
    async with raw(echoing) as wire:
        wire.writer.write(part(TEXT, b"a") + bye(4321))
        assert await wire.rest() == closed(4321)


async def test_fragments_cannot_pass_the_limit_together(echoing: Echoing) -> None:
    async with raw(echoing) as wire:
        piece = bytes(MAX_MESSAGE_BYTES // 4)
        wire.writer.write(part(BINARY, piece) + part(CONT, piece) * 3 + frame(CONT, b"x"))
        one = await asyncio.wait_for(wire.next(), LIMIT_SECONDS)
        assert one is not None
        assert one[1][:2] == struct.pack("!H", 1009)


async def test_an_end_of_the_stream_without_a_close_ends_the_connection(echoing: Echoing) -> None:
    async with raw(echoing) as wire:
        wire.writer.write(frame(TEXT, b"a") + part(TEXT, b"b"))
        assert await wire.next() == (TEXT, b"a")
        wire.writer.write_eof()
        assert CLOSE not in [opcode for opcode, _ in await wire.rest()] or echoing.sessions == "stock"


async def test_compression_that_is_offered_is_not_taken(echoing: Echoing) -> None:
    async with raw(echoing, headers="Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n") as wire:
        wire.writer.write(frame(TEXT, b"plain") + bye())
        assert await wire.rest() == [(TEXT, b"plain"), *closed(1000)]
