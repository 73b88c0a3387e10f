"""A line that is silent for two heartbeats is dead; pings are signs of life, and so is nothing while nobody listens."""

import asyncio

import pytest

from reelwire_live import Connected, Disconnected
from reelwire_live.line import Line
from tests.clients.python.reelwire_live.hearing import hearing
from tests.clients.python.reelwire_live.link import link
from tests.clients.python.reelwire_live.peer import Peers
from tests.server.live.stage import Node, Stage
from tests.waiting import until

HEARTBEAT_MS = 150


@pytest.mark.usefixtures("short_pauses")
async def test_a_server_that_is_silent_for_two_heartbeats_is_gone(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        first = await scripted.next()
        await first.welcome(heartbeat_ms=HEARTBEAT_MS)
        ended = await ann.first(Disconnected)
        assert (ended.code, ended.reason) == (1006, "nothing came for 0 s")
        second = await scripted.next()
        assert (await second.heard())["position"] == "w"


async def test_its_pings_keep_a_line_alive(scripted: Peers) -> None:
    async with hearing(scripted.url, "token") as ann:
        peer = await scripted.next()
        await peer.welcome(heartbeat_ms=1000)
        await ann.first(Connected)
        for _ in range(25):  # for longer than the patience; this process may stand still for most of it
            await (await peer.wire.ping())
            await asyncio.sleep(0.1)
        await peer.publish("v", "p")
        await until(lambda: ann.videos == ["v"], "the video")
        assert ann.all(Disconnected) == []


async def test_a_welcome_that_never_comes_is_not_waited_for(scripted: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Line, "patience", 0.1)
    async with hearing(scripted.url, "token") as ann:
        await scripted.next()
        assert (await ann.first(Disconnected)).reason.startswith("nothing came")


@pytest.mark.usefixtures("short_pauses", "quick_heartbeat")
async def test_behind_a_link_that_went_dead_it_comes_back_and_misses_nothing(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    async with link(node.url) as line, hearing(line.url, ann.token) as hearer:
        await hearer.first(Connected)
        before = await stage.publish(ben)
        await until(lambda: hearer.videos == [str(before)], "the first video")
        line.freeze()
        missed = await stage.publish(ben)
        assert (await hearer.first(Disconnected)).reason.startswith("nothing came")
        await until(lambda: hearer.videos == [str(before), str(missed)], "the missed video")
        assert line.connections >= 2  # where this process stood still, the next line seemed dead as well
