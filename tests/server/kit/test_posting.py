"""What is posted by the fast lane is done once, whatever becomes of the connection, and answered as by aiohttp."""

import pytest

from server.kit import serving
from tests.server.kit.ways import LAST, TEXTS, Ways, posted, request, rest


async def test_what_has_come_before_a_process_ends_is_answered(ways: Ways) -> None:
    made, wire = ways.connection(ways.lane)
    made.data_received(posted(ways.token))
    made.close()
    await rest()
    assert b"201 Created" in wire.said
    assert wire.ended
    made.connection_lost(None)


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
    await rest()
    made.data_received(posted(ways.token))
    echo = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % serving.HELD_BYTES
    made.data_received(echo + b"x" * serving.HELD_BYTES)
    held = wire.reading
    await rest()
    assert (held, wire.reading) == (False, True)
    assert wire.said.count(b"HTTP/1.1 20") == 2
    made.connection_lost(None)


async def test_what_was_posted_is_done_without_the_connection(ways: Ways) -> None:
    made, wire = ways.connection(ways.lane)
    await rest()
    made.data_received(posted(ways.token))
    (doing,) = ways.posts._tasks
    made.connection_lost(ConnectionResetError())
    assert b"201 Created" in await doing
    await rest()
    assert not wire.said
    assert not ways.posts._tasks


async def test_a_process_that_ends_answers_what_was_posted_first(ways: Ways) -> None:
    made, wire = ways.connection(ways.lane)
    await rest()
    made.data_received(posted(ways.token))
    made._next_keepalive_close_time = 0.0
    made._process_keepalive()
    made.close()
    assert not wire.ended
    await made.shutdown(10)
    assert b"201 Created" in wire.said
    assert wire.ended
