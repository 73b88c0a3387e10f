"""The first who needs a channel joins it, the last one leaves it a little later, and nothing between is lost."""

import asyncio

import pytest

from pubsub.interest import Interest
from tests.pubsub.ears import listening
from tests.valkeys import Server
from tests.waiting import until

CHANNEL = "reelwire:video:{516}:01890a5dac96774bbcceb302099a8057"
OTHER = "reelwire:video:{1}:01890a5dac96774bbcceb302099a8058"


async def need(interest: Interest, channel: str) -> None:
    """Whatever is sent to the channel from now on is heard."""
    interest.want(channel)
    assert await interest.heard(channel, 30)


@pytest.fixture(autouse=True)
def short_linger(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait that a test would sit out."""
    monkeypatch.setattr("pubsub.interest.LINGER_SECONDS", 0.05)


async def test_a_channel_that_is_heard_brings_everything_however_quickly_it_was_left_and_joined_again(server: Server) -> None:
    async with listening(server.url) as (broker, ear):
        interest = Interest(broker)
        for turn in range(60):
            await need(interest, CHANNEL)
            await broker.publish([(CHANNEL, b"%d" % turn)])
            await until(lambda turn=turn: len(ear.heard) == turn + 1)  # type: ignore[misc]
            interest.drop(CHANNEL)
            if turn % 3 == 0:
                await until(lambda: not len(interest))
        interest.close()


async def test_the_last_one_leaves_and_not_the_others(server: Server) -> None:
    async with listening(server.url, OTHER) as (broker, ear):
        interest = Interest(broker)
        await need(interest, CHANNEL)
        await need(interest, CHANNEL)
        interest.drop(CHANNEL)
        await need(interest, "some")
        interest.drop("some")
        await until(lambda: len(interest) == 1)
        await broker.publish([(CHANNEL, b"1")])
        await until(lambda: ear.heard == [(CHANNEL, b"1")])
        interest.drop(CHANNEL)
        await until(lambda: not len(interest))
        await broker.publish([(CHANNEL, b"2"), (OTHER, b"3")])
        await until(lambda: (OTHER, b"3") in ear.heard)
        assert (CHANNEL, b"2") not in ear.heard
        interest.close()


async def test_who_comes_while_a_channel_lingers_needs_no_server(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pubsub.interest.LINGER_SECONDS", 600.0)
    async with listening(server.url) as (broker, _):
        interest = Interest(broker)
        await need(interest, CHANNEL)
        server.freeze()
        for _ in range(1000):
            interest.drop(CHANNEL)
            await need(interest, CHANNEL)
        assert len(interest) == 1
        server.thaw()
        interest.close()


async def test_channels_that_linger_are_bounded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pubsub.interest.LINGER_SECONDS", 600.0)
    monkeypatch.setattr("pubsub.interest.MOST_LINGERING", 10)
    async with listening(server.url) as (broker, _):
        interest = Interest(broker)
        for number in range(100):
            interest.want(f"reelwire:{{{number}}}")
        for number in range(100):
            interest.drop(f"reelwire:{{{number}}}")
        assert len(interest) == 10
        assert await interest.heard("reelwire:{99}", 30)
        interest.close()


async def test_whoever_cannot_be_heard_for_now_is_heard_when_the_broker_is_back(server: Server) -> None:
    async with listening(server.url, CHANNEL) as (broker, ear):
        interest = Interest(broker)
        await server.kill()
        await until(lambda: ear.interruptions)
        interest.want(OTHER)
        assert not await interest.heard(OTHER, 0.1)
        assert len(interest) == 1
        await server.start()
        await until(lambda: ear.whole)
        await broker.publish([(OTHER, b"heard")])
        await until(lambda: ear.heard == [(OTHER, b"heard")])
        interest.close()


async def test_whoever_gives_up_waiting_still_needs_the_channel(server: Server) -> None:
    async with listening(server.url) as (broker, _):
        interest = Interest(broker)
        server.freeze()
        interest.want(CHANNEL)
        waiting = asyncio.create_task(interest.heard(CHANNEL, 30))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()
        assert len(interest) == 1
        server.thaw()
        assert await interest.heard(CHANNEL, 30)
        interest.close()
