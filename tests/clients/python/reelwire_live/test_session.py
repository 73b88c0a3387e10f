"""Commands and their answers on one connection."""

import asyncio

import pytest

from reelwire_live import CommandError, Connected, DisconnectedError, MessageTooLargeError, Refused
from reelwire_live import session as sessions
from tests.clients.python.reelwire_live.hearing import hearing
from tests.clients.python.reelwire_live.peer import Peers
from tests.waiting import until


async def test_each_answer_goes_to_whoever_asked(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann, asyncio.TaskGroup() as asking:
        peer = await scripted.next()
        await peer.welcome()
        said = [asking.create_task(ann.client.comment("v", text)) for text in "abc"]
        asked = [await peer.heard() for _ in said]
        assert len({frame["id"] for frame in asked}) == len({frame["key"] for frame in asked}) == 3
        for frame in reversed(asked):
            await peer.ack(frame, id=frame["text"])
        assert [(await one)["id"] for one in said] == ["a", "b", "c"]


async def test_a_refusal_is_raised_with_its_code(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann, asyncio.TaskGroup() as asking:
        peer = await scripted.next()
        await peer.welcome()
        watching = asking.create_task(_refused(ann.client.watch("v")))
        await peer.refuse(await peer.heard(), "too_many_watched")
        assert (await watching).code == "too_many_watched"


async def _refused(command: object) -> CommandError:
    with pytest.raises(CommandError) as refused:
        await command  # type: ignore[misc]
    return refused.value


async def test_a_refusal_of_nothing_in_particular_is_told(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        peer = await scripted.next()
        await peer.welcome()
        numbers: list[object] = [None, 77, "1", [], True]
        for number in numbers:
            await peer.say(type="error", id=number, code="bad_json", detail="No.")
            await peer.say(type="ack", id=number, data={})
        assert await ann.several(Refused, 5) == [Refused("bad_json", "No.")] * 5


async def test_what_the_server_would_not_take_is_not_sent(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        peer = await scripted.next()
        await peer.welcome(max_message_bytes=100)
        await ann.first(Connected)
        with pytest.raises(MessageTooLargeError):
            await ann.client.comment("v", "ü" * 50)
        async with asyncio.TaskGroup() as asking:
            pinging = asking.create_task(ann.client.ping())
            frame = await peer.heard()
            assert frame["type"] == "ping"
            await peer.say(type="pong", id=frame["id"])
            assert await pinging >= 0


async def test_what_waits_when_the_connection_breaks_is_told_so(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        peer = await scripted.next()
        await peer.welcome()
        pinging = asyncio.create_task(ann.client.ping(), name="ping")
        await peer.heard()
        peer.wire.transport.abort()
        with pytest.raises(DisconnectedError):
            await pinging


async def test_so_many_wait_at_once_and_no_more(scripted: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_ASKED", 2)
    async with hearing(scripted.url, "token") as ann, asyncio.TaskGroup() as asking:
        peer = await scripted.next()
        await peer.welcome()
        await ann.first(Connected)
        pings = [asking.create_task(ann.client.ping()) for _ in range(3)]
        first, second = await peer.heard(), await peer.heard()
        third = asyncio.create_task(peer.heard(), name="third")
        await peer.say(type="event", event="x", position=None, data={})
        await until(lambda: ann.told[-1] != ann.told[0], "something else")
        assert not third.done()
        await peer.say(type="pong", id=first["id"])
        await peer.say(type="pong", id=second["id"])
        await peer.say(type="pong", id=(await third)["id"])
        await asyncio.wait(pings)
