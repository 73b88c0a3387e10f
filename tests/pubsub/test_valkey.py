"""The broker on a real Valkey: order, joining and leaving, and coming back from every kind of death."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from pubsub import channels
from pubsub.broker import Broker, BrokerUnavailable
from pubsub.once import Once
from pubsub.valkey import open_broker, open_commands
from tests.valkeys import OwnValkey, own_valkey
from tests.waiting import until


class Ear:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.interruptions = 0
        self.restorations = 0

    def received(self, channel: str, payload: bytes) -> None:
        self.heard.append((channel, payload))

    def interrupted(self) -> None:
        self.interruptions += 1

    def restored(self) -> None:
        self.restorations += 1


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OwnValkey]:
    async with own_valkey(tmp_path) as found:
        yield found


@asynccontextmanager
async def listening(server: OwnValkey, *joined: str) -> AsyncIterator[tuple[Broker, Ear]]:
    ear = Ear()
    async with open_broker(server.url, ear) as broker:
        await until(lambda: ear.restorations, "the link")
        await broker.join(joined)
        yield broker, ear


async def test_messages_come_in_the_order_in_which_they_were_sent(server: OwnValkey) -> None:
    async with listening(server, "a", "b") as (broker, ear):
        sent = [("a" if n % 3 else "b", b"%d" % n) for n in range(500)]
        await broker.publish(sent[:250])
        await broker.publish(sent[250:])
        await until(lambda: len(ear.heard) == 500)
        assert ear.heard == sent


async def test_a_channel_that_was_left_is_silent(server: OwnValkey) -> None:
    async with listening(server, "a", "b") as (broker, ear):
        await broker.leave(["a"])
        await broker.publish([("a", b"1"), ("b", b"2")])
        await until(lambda: ear.heard)
        assert ear.heard == [("b", b"2")]


async def test_all_hashed_channels_are_joined_with_one_command(server: OwnValkey) -> None:
    async with listening(server, *channels.ALL_HASHED) as (broker, ear):
        for number in range(50):
            await broker.publish([(channels.of(UUID(int=number)), b"x")])
        await until(lambda: len(ear.heard) == 50)


async def test_payloads_are_bytes_of_any_kind(server: OwnValkey) -> None:
    async with listening(server, "a") as (broker, ear):
        payload = bytes(range(256)) * 30
        await broker.publish([("a", payload)])
        await until(lambda: ear.heard)
        assert ear.heard == [("a", payload)]


async def test_a_killed_server_is_missed_and_heard_again_when_it_is_back(server: OwnValkey) -> None:
    async with listening(server, "a") as (broker, ear):
        await server.kill()
        await until(lambda: ear.interruptions)
        with pytest.raises(BrokerUnavailable):
            await broker.publish([("a", b"lost")])
        before = ear.restorations
        await server.start()
        await until(lambda: ear.restorations > before)
        await broker.publish([("a", b"heard")])
        await until(lambda: ear.heard)
        assert ear.heard == [("a", b"heard")]


async def test_a_channel_joined_while_the_server_is_dead_is_heard_when_it_is_back(server: OwnValkey) -> None:
    async with listening(server) as (broker, ear):
        await server.kill()
        await until(lambda: ear.interruptions)
        with pytest.raises(BrokerUnavailable):
            await broker.join(["late"])
        before = ear.restorations
        await server.start()
        await until(lambda: ear.restorations > before)
        await broker.publish([("late", b"1")])
        await until(lambda: ear.heard)


async def test_a_frozen_server_is_noticed_although_no_error_comes(server: OwnValkey, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(server, "a") as (broker, ear):
        server.freeze()
        with monkeypatch.context() as product:
            product.setattr("pubsub.valkey.COMMAND_SECONDS", 1.0)
            with pytest.raises(BrokerUnavailable):
                await broker.publish([("a", b"lost")])
            product.setattr("pubsub.subscription.PING_SECONDS", 0.2)
            await until(lambda: ear.interruptions)
        before = ear.restorations
        server.thaw()
        await until(lambda: ear.restorations > before)


async def test_a_process_starts_while_the_server_is_dead(server: OwnValkey) -> None:
    await server.kill()
    ear = Ear()
    async with open_broker(server.url, ear) as broker:
        assert not await broker.wait_for_poke("jobs", 0.01)
        await server.start()
        await until(lambda: ear.restorations)
        await broker.publish([("jobs", b"")])
        assert await broker.wait_for_poke("jobs", 60)


async def test_a_poke_between_two_waits_is_not_lost(server: OwnValkey) -> None:
    async with listening(server, "a") as (broker, ear):
        await broker.wait_for_poke("jobs", 0.01)
        await broker.join(["jobs"])
        await broker.publish([("jobs", b""), ("jobs", b""), ("a", b"after")])
        await until(lambda: ear.heard)
        assert await broker.wait_for_poke("jobs", 60)
        assert not await broker.wait_for_poke("jobs", 0.01)


async def test_whoever_waits_for_pokes_looks_again_after_an_interruption(server: OwnValkey) -> None:
    async with listening(server) as (broker, _):
        await broker.wait_for_poke("jobs", 0.01)
        waiting = asyncio.create_task(broker.wait_for_poke("jobs", 30))
        await server.kill()
        await server.start()
        assert await waiting


async def test_a_secret_can_be_taken_once(server: OwnValkey, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_commands(server.url) as commands:
        once = Once(commands, "ticket:")
        await once.put("a", b"value", 30)
        await once.put("b", b"other", 30)
        server.freeze()
        with monkeypatch.context() as product:
            product.setattr("pubsub.valkey.COMMAND_SECONDS", 1.0)
            with pytest.raises(BrokerUnavailable):
                await once.take("b")
        server.thaw()  # the answer that nobody waited for must not become the answer to the next question
        assert await once.take("a") == b"value"
        assert await once.take("a") is None
        await server.kill()
        with pytest.raises(BrokerUnavailable):
            await once.take("a")


async def test_a_task_that_publishes_can_be_ended_at_any_moment(server: OwnValkey) -> None:
    async with listening(server) as (broker, _):
        for steps in range(60):
            task = asyncio.create_task(publish_for_ever(broker))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            assert await asyncio.wait([task], timeout=60) == ({task}, set())


async def publish_for_ever(broker: Broker) -> None:
    while True:
        await broker.publish([("a", b"x")])
