"""The fast lane gives byte for byte what aiohttp gives, whatever comes in and however it is cut, or leaves it to aiohttp."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.kit.lane import LOST, owed
from tests.server.kit.ways import LAST, TEXTS, Ways, posted, request, rest


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


async def test_a_quick_client_is_answered_by_the_lane_too(ways: Ways) -> None:
    before = ways.lane.taken
    made, wire = ways.connection(ways.lane)
    made.data_received(request(ways.token))  # aiohttp has not begun to wait
    await rest()
    made.data_received(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok")
    while b"ok" not in wire.said:
        await asyncio.sleep(0)
    made.data_received(posted(ways.token))
    await rest()
    assert wire.said.count(b"HTTP/1.1 20") == 3
    assert ways.lane.taken >= before + 1
    made.connection_lost(None)


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
    "Idempotency-Key:  k ", "Idempotency-Key: ", "Idempotency-Key: \xe9", "Content-Type: text/plain",
    "content-type: application/json",
    "Content-Encoding: gzip", "Content-Length: 13", "Content-Length: 013", "X-Forwarded-Proto: https",
]  # fmt: skip
QUERIES = ["", "?", "?limit=1", "?limit=50", "?limit=51", "?limit=0", "?limit=010", "?limit=1&limit=2", "?x=1", "?cursor=x", "#x"]
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
        made = posted(token, f'{{"text":"{TEXTS[len(query) % len(TEXTS)]}"}}', *more)
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


async def test_a_token_that_is_not_known_is_aiohttps_to_refuse(ways: Ways) -> None:
    fast, ordinary = await ways.both([request("x" + ways.token), LAST])
    assert fast == ordinary
    assert b"invalid_token" in fast[0]
