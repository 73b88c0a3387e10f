"""The fast lane gives byte for byte what aiohttp gives, whatever comes in and however it is cut, or leaves it to aiohttp."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from uuid import UUID

import msgspec
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server import resources
from server.kit import answer, serving
from server.kit.auth import AUTHENTICATOR, authentication
from server.kit.body import parse_json, read_body
from server.kit.deadline import deadline
from server.kit.errors import Invalid, RateLimited
from server.kit.idempotency import key_of
from server.kit.ids import new_id
from server.kit.invalidation import INVALIDATIONS
from server.kit.kept import Answer
from server.kit.lane import LOST, Lane, owed
from server.kit.paging import DEFAULT_LIMIT
from server.kit.posting import Post, Posting, Posts
from server.kit.problems import problems
from server.kit.request import TOKENS, nothing_there, paging, signed_in
from server.settings import Settings
from tests.waiting import until

PATH = "/api/v1/feed/following"
DATE = re.compile(rb"Date: [^\r]*")
LAST = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
TURNS = 25


def _body(account_id: UUID, limit: int | None) -> bytes:
    return b'{"account":"%b","limit":%d}' % (str(account_id).encode(), limit or DEFAULT_LIMIT)


def _page(account_id: UUID | None, _name: str, limit: int | None) -> bytes | None:
    return _body(account_id, limit) if account_id is not None else None


async def get_page(request: web.Request) -> web.Response:
    """The ordinary way."""
    account_id = signed_in(request)
    limit, _ = paging(request)
    return answer.encoded(_body(account_id, limit))


SAY = "/api/v1/things/{id}/words"
THING = "0190f3a2-5b7c-7def-8123-456789abcdef"


async def say(account_id: UUID, name: str, body: bytes, key: str | None) -> Answer:
    """Does something with what is posted, or does not; what it answers tells what it was given."""
    words = parse_json(body)
    await asyncio.sleep(0)
    match words.get("text"):
        case "none":
            raise nothing_there()
        case "again":
            raise RateLimited("words", 3, {"RateLimit": '"words";r=0;t=3'})
        case "away":
            raise ConnectionError("the database")
        case "slow":
            raise TimeoutError
        case "bug":
            raise ZeroDivisionError
        case "kept":
            return Answer(201, b"{}", {"Retry-After": "1"})
        case str(text):
            return Answer(201, msgspec.json.encode([str(account_id), name, text, key]))
    raise Invalid.field("text", "is missing")


async def post_words(request: web.Request) -> web.Response:
    """The ordinary way."""
    account_id = signed_in(request)
    body = await read_body(request)
    return answer.of(await say(account_id, request.match_info["id"], body, key_of(request)))


async def post_echo(request: web.Request) -> web.Response:
    """Something with a body."""
    return web.Response(body=await request.read())


class Wire(asyncio.Transport):
    """What one connection says, in memory, so that each piece arrives by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.said = b""
        self.ended = False
        self.reading = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.said += bytes(data)

    def writelines(self, pieces: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(pieces))

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.ended

    def close(self) -> None:
        self.ended = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Noted(Lane):
    """A lane that remembers what it has answered."""

    taken = 0

    def answer(self, data: bytes) -> bytes | None:
        found = super().answer(data)
        self.taken += found is not None
        return found

    def begin(self, data: bytes) -> "Posting | None":
        found = super().begin(data)
        self.taken += found is not None
        return found


@dataclass
class Ways:
    """One application; its connections have the lane or not."""

    server: web.Server
    lane: Noted
    posts: Posts
    token: str

    async def both(self, pieces: list[bytes]) -> tuple[tuple[bytes, bool], tuple[bytes, bool]]:
        """What comes back by either way, and whether the connection was ended."""
        return await self.told(self.lane, pieces), await self.told(None, pieces)

    def connection(self, lane: Lane | None) -> tuple[serving.Connection, Wire]:
        made = serving.Connection(self.server, loop=asyncio.get_running_loop(), **self.server._kwargs)
        made.lane = lane
        wire = Wire()
        made.connection_made(wire)
        return made, wire

    async def told(self, lane: Lane | None, pieces: list[bytes]) -> tuple[bytes, bool]:
        made, wire = self.connection(lane)
        await _rest()
        for piece in pieces:
            if not wire.ended:
                made.data_received(piece)
                await _rest()
        ended = wire.ended
        made.connection_lost(None)
        await _rest()
        return DATE.sub(b"Date: now", wire.said), ended


async def _rest() -> None:
    """Until all that can be done is done: nothing here waits for anything but the loop's next turn."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


@pytest.fixture(scope="module")
async def ways(settings: Settings) -> AsyncIterator[Ways]:
    app = web.Application(middlewares=[problems, deadline, authentication])
    resources.provide(app, settings)
    app.cleanup_ctx.extend([resources.postgres, resources.invalidations])
    app.router.add_get(PATH, get_page)
    app.router.add_post("/echo", post_echo)
    app.router.add_post(SAY, post_words)
    runner = web.AppRunner(app, access_log=None, auto_decompress=False, lingering_time=0.0, max_field_size=serving.HEADER_BYTES)
    await runner.setup()
    await until(lambda: app[INVALIDATIONS].fresh)
    app[INVALIDATIONS]._read_at = float("inf")  # believed for as long as these tests last
    token = app[TOKENS].access(new_id(), new_id())
    await app[AUTHENTICATOR].claims(token)
    posts = Posts(None)
    lane = Noted(app[AUTHENTICATOR], posts)
    lane.add(PATH, PATH, _page)
    lane.add_post(SAY.replace("{id}", "([0-9a-f-]{36})"), Post(SAY, say))
    assert runner.server is not None
    yield Ways(runner.server, lane, posts, token)
    await posts.close()
    await runner.cleanup()


def request(token: str, query: str = "", *more: str) -> bytes:
    fields = ["Host: x", "X-Forwarded-For: 127.0.0.1", f"Authorization: Bearer {token}", "Accept: */*", *more]
    return f"GET {PATH}{query} HTTP/1.1\r\n".encode() + "".join(f"{field}\r\n" for field in fields).encode() + b"\r\n"


def posted(token: str, body: str = '{"text":"hi"}', *more: str) -> bytes:
    fields = ["Host: x", f"Authorization: Bearer {token}", "Content-Type: application/json", *more]
    if not any(field.lower().startswith("content-length") for field in more):
        fields.append(f"Content-Length: {len(body)}")
    lines = "".join(f"{field}\r\n" for field in fields)
    return f"POST {SAY.replace('{id}', THING)} HTTP/1.1\r\n{lines}\r\n{body}".encode("latin-1")


async def test_what_is_recognised_is_answered_as_by_aiohttp(ways: Ways) -> None:
    before = ways.lane.taken
    asked = [request(ways.token), request(ways.token, "?limit=3"), request(ways.token, "?limit=50"), LAST]
    fast, ordinary = await ways.both(asked)
    assert fast == ordinary
    assert fast[0].count(b"200 OK") == 3
    assert ways.lane.taken == before + 3


async def test_what_comes_while_another_request_is_answered_waits_for_its_turn(ways: Ways) -> None:
    together = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
    fast, ordinary = await ways.both([together, b"o", b"k" + request(ways.token), request(ways.token), LAST])
    assert fast == ordinary


async def test_behind_an_ordinary_request_with_a_body_the_lane_goes_on(ways: Ways) -> None:
    before = ways.lane.taken
    echo = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok"
    fast, ordinary = await ways.both([echo, request(ways.token), echo, posted(ways.token), LAST])
    assert fast == ordinary
    assert ways.lane.taken == before + 2


async def test_what_looks_like_a_request_within_another_one_is_part_of_that(ways: Ways) -> None:
    inner = request(ways.token)
    half = b"GET /last HTTP/1.1\r\nHost: x\r\n"
    body = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(inner)
    unread = request(ways.token, "", f"Content-Length: {len(inner)}")
    for outer in (half, body, unread):
        fast, ordinary = await ways.both([inner, outer, inner, inner, LAST])
        assert fast == ordinary


FIELDS = [
    "Content-Length: 0", "Content-Length: 3", "content-length: 3", "Content-Length: 3, 3", "Content-Length: -1",
    "Transfer-Encoding: chunked", "Expect: 100-continue", "Upgrade: websocket", "Connection: close", "Connection: keep-alive",
    "Range: bytes=0-1", "Host: y", "Host:", "Authorization: Bearer a.b.c", "Authorization: Basic x", "X-Long: " + "x" * 5000,
    "Accept: text/html", "X-Strange: \x7f", " folded", "No-Colon", "Bad Name: x", "Cookie: a=b", "If-None-Match: *", "TE: x",
    "Accept-Encoding: gzip", "Origin: http://evil.test", "X-Empty:", "X-Tab:\tx", "User-Agent: \xe9", "Idempotency-Key: k",
    "Idempotency-Key:  k ", "Idempotency-Key: ", "Idempotency-Key: \xe9", "Content-Type: text/plain", "content-type: application/json",
    "Content-Encoding: gzip", "Content-Length: 13", "Content-Length: 013", "X-Forwarded-Proto: https",
]  # fmt: skip
QUERIES = ["", "?", "?limit=1", "?limit=50", "?limit=51", "?limit=0", "?limit=010", "?limit=1&limit=2", "?x=1", "?cursor=x", "#x"]
TEXTS = ["hi", "none", "again", "away", "slow", "bug", "kept"]
KINDS = ["lower", "old", "bare", "absolute", "head"]


Stream = tuple[list[tuple[str, str, list[str], int]], list[int]]


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    """Requests (kind, query, more fields, a byte to spoil), and where the stream is cut."""
    kinds = st.sampled_from(["page"] * 8 + ["post"] * 4 + ["say"] * 8 + ["empty"] + KINDS)
    one = st.tuples(
        kinds,
        st.sampled_from(QUERIES),
        st.lists(st.sampled_from(FIELDS), max_size=1),
        st.sampled_from([-1] * 150 + list(range(0, 200, 7))),
    )
    return draw(st.lists(one, min_size=1, max_size=4)), draw(st.lists(st.integers(1, 900), max_size=4))


def _bytes(token: str, kind: str, query: str, more: list[str], spoilt: int) -> bytes:
    made = request(token, query, *more)
    if kind == "say":
        made = posted(token, '{"text":"%s"}' % TEXTS[len(query) % len(TEXTS)], *more)
    elif kind == "empty":
        made = posted(token, "", *more)
    elif kind == "post":
        fields = "".join(f"{field}\r\n" for field in more)
        made = f"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n{fields}\r\nGET /".encode("latin-1")
    elif kind == "lower":
        made = made.replace(b"Bearer ", b"bearer ")
    elif kind == "old":
        made = made.replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    elif kind == "bare":
        made = made.replace(b"\r\n", b"\n")
    elif kind == "absolute":
        made = made.replace(b"GET /", b"GET http://x/", 1)
    elif kind == "head":
        made = made.replace(b"GET ", b"HEAD ", 1)
    if 0 <= spoilt < len(made):
        made = made[:spoilt] + b"\x00" + made[spoilt + 1 :]
    return made


@pytest.mark.parametrize("kind", ["page", "post", "say", "empty", *KINDS])
@pytest.mark.parametrize("field", ["Accept-Language: en", *FIELDS])
async def test_each_peculiarity_is_taken_both_ways_alike(ways: Ways, kind: str, field: str) -> None:
    one = _bytes(ways.token, kind, "", [field], -1)
    fast, ordinary = await ways.both([request(ways.token), one, request(ways.token), LAST])
    assert fast == ordinary


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stream=streams())
async def test_whatever_comes_and_however_it_is_cut_both_ways_say_the_same(ways: Ways, stream: Stream) -> None:
    requests, cuts = stream
    whole = b"".join(_bytes(ways.token, *one) for one in requests) + request(ways.token) + LAST
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(whole[at : at + cut])
        at += cut
    fast, ordinary = await ways.both([piece for piece in [*pieces, whole[at:]] if piece])
    assert fast == ordinary


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stream=streams())
async def test_one_after_the_other_both_ways_say_the_same(ways: Ways, stream: Stream) -> None:
    """Each request in a piece of its own, as the edge sends them: most are answered by the lane."""
    pieces = [_bytes(ways.token, *one) for one in stream[0]]
    fast, ordinary = await ways.both([request(ways.token), *pieces, request(ways.token), LAST])
    assert fast == ordinary


@pytest.mark.parametrize(
    ("data", "left"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 0),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab", 3),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab", 0),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nab", LOST),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", LOST),
        (b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na", LOST),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", LOST),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET", LOST),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", LOST),
        (b"GET / HTTP/1.0\r\nHost: x\r\n\r\n", LOST),
        (b"GET / HTTP/1.1\nHost: x\n\n", LOST),
    ],
)
def test_what_is_owed_is_known_or_lost(data: bytes, left: int) -> None:
    assert owed(data) == left


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("more", [(), ("Idempotency-Key: k",), ("Origin: http://x", "Cookie: a=b")])
async def test_what_is_posted_is_done_and_answered_as_by_aiohttp(ways: Ways, text: str, more: tuple[str, ...]) -> None:
    before = ways.lane.taken
    asked = [posted(ways.token, f'{{"text":"{text}"}}', *more), posted(ways.token, "[]"), request(ways.token), LAST]
    fast, ordinary = await ways.both(asked)
    assert fast == ordinary
    assert fast[0].count(b"HTTP/1.1 ") == 4
    assert ways.lane.taken == before + 3


async def test_what_comes_while_something_posted_is_done_waits_for_its_turn(ways: Ways) -> None:
    whole = posted(ways.token) + posted(ways.token, '{"text":"none"}') + request(ways.token) + LAST
    for cut in (len(posted(ways.token)), 30, len(whole) - 5):
        fast, ordinary = await ways.both([posted(ways.token), whole[:cut], whole[cut:]])
        assert fast == ordinary


async def test_a_connection_is_held_back_and_goes_on_when_much_comes_at_once(ways: Ways) -> None:
    made, wire = ways.connection(ways.lane)
    await _rest()
    made.data_received(posted(ways.token))
    echo = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % serving.HELD_BYTES
    made.data_received(echo + b"x" * serving.HELD_BYTES)
    assert not wire.reading
    await _rest()
    assert wire.reading
    assert wire.said.count(b"HTTP/1.1 20") == 2
    made.connection_lost(None)


async def test_what_was_posted_is_done_without_the_connection(ways: Ways) -> None:
    made, wire = ways.connection(ways.lane)
    await _rest()
    made.data_received(posted(ways.token))
    (doing,) = ways.posts._tasks
    made.connection_lost(ConnectionResetError())
    assert b"201 Created" in await doing
    await _rest()
    assert not wire.said
    assert not ways.posts._tasks


async def test_a_process_that_ends_answers_what_was_posted_first(ways: Ways) -> None:
    made, wire = ways.connection(ways.lane)
    await _rest()
    made.data_received(posted(ways.token))
    made._next_keepalive_close_time = 0.0
    made._process_keepalive()
    made.close()
    assert not wire.ended
    await made.shutdown(10)
    assert b"201 Created" in wire.said
    assert wire.ended


async def test_a_token_that_is_not_known_is_aiohttps_to_refuse(ways: Ways) -> None:
    fast, ordinary = await ways.both([request("x" + ways.token), LAST])
    assert fast == ordinary
    assert b"invalid_token" in fast[0]
