"""The contract of the broker on each of its servers: order, joining and leaving, and coming back from every kind of death."""

import asyncio
from uuid import UUID

import pytest

from pubsub import channels
from pubsub.broker import Broker, BrokerUnavailable
from pubsub.once import Once
from pubsub.opening import open_broker, open_commands
from tests.pubsub.ears import Ear, listening
from tests.valkeys import Server
from tests.waiting import until

EVERY = [*(channels.of(UUID(int=number)) for number in range(3000)), *channels.ALL_NEWS, channels.LOG]


async def test_messages_come_in_the_order_in_which_they_were_sent(server: Server) -> None:
    async with listening(server.url, "a", "b") as (broker, ear):
        sent = [("a" if n % 3 else "b", b"%d" % n) for n in range(500)]
        await broker.publish(sent[:250])
        await broker.publish(sent[250:])
        await until(lambda: len(ear.heard) == 500)
        for channel in ("a", "b"):
            assert [message for message in ear.heard if message[0] == channel] == [m for m in sent if m[0] == channel]


async def test_a_channel_that_was_left_is_silent(server: Server) -> None:
    async with listening(server.url, "a", "b") as (broker, ear):
        broker.leave(["a"])
        await broker.publish([("a", b"1"), ("b", b"2")])
        await until(lambda: ear.heard)
        assert ear.heard == [("b", b"2")]


async def test_a_channel_that_is_left_and_joined_at_once_is_heard(server: Server) -> None:
    async with listening(server.url, "a") as (broker, ear):
        for turn in range(30):
            broker.leave(["a"])
            await broker.join(["a"])
            await broker.publish([("a", b"%d" % turn)])
            # What is on its way when a channel is left is not heard any more.
            await until(lambda turn=turn: ear.heard[turn:] == [("a", b"%d" % turn)])  # type: ignore[misc]


async def test_a_join_behind_a_leave_waits_for_its_own_acknowledgement(server: Server) -> None:
    async with listening(server.url, "a") as (broker, ear):
        server.freeze()
        broker.leave(["a"])
        joining = asyncio.create_task(broker.join(["a"]))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not joining.done()
        server.thaw()
        await joining
        await broker.publish([("a", b"1")])
        await until(lambda: ear.heard == [("a", b"1")])


async def test_all_channels_are_joined_at_once(server: Server) -> None:
    async with listening(server.url, *EVERY) as (broker, ear):
        await broker.publish([(channels.of(UUID(int=number)), b"x") for number in range(50)])
        await until(lambda: len(ear.heard) == 50)
        await broker.ping()


async def test_payloads_are_bytes_of_any_kind(server: Server) -> None:
    async with listening(server.url, "a") as (broker, ear):
        payload = bytes(range(256)) * 30
        await broker.publish([("a", payload)])
        await until(lambda: ear.heard)
        assert ear.heard == [("a", payload)]


async def test_a_killed_server_is_missed_and_heard_again_when_it_is_back(server: Server) -> None:
    async with listening(server.url, "a") as (broker, ear):
        await server.kill()
        await until(lambda: ear.interruptions)
        with pytest.raises(BrokerUnavailable):
            await broker.publish([("a", b"lost")])
        with pytest.raises(BrokerUnavailable):
            await broker.ping()
        before = ear.restorations
        await server.start()
        await until(lambda: ear.restorations > before)
        await broker.publish([("a", b"heard")])
        await until(lambda: ear.heard)
        assert ear.heard == [("a", b"heard")]


async def test_a_channel_joined_while_the_server_is_dead_is_heard_when_it_is_back(server: Server) -> None:
    async with listening(server.url, "early") as (broker, ear):
        await server.kill()
        await until(lambda: ear.interruptions)
        with pytest.raises(BrokerUnavailable):
            await broker.join(["late"])
        before = ear.restorations
        await server.start()
        await until(lambda: ear.restorations > before)
        await broker.publish([("late", b"1")])
        await until(lambda: ear.heard)


async def test_a_frozen_server_is_noticed_although_no_error_comes(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(server.url, "a") as (broker, ear):
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


async def test_a_process_starts_while_the_server_is_dead(server: Server) -> None:
    await server.kill()
    ear = Ear()
    async with open_broker(server.url, ear) as broker:
        assert not await broker.wait_for_poke("jobs", 0.01)
        await server.start()
        await until(lambda: ear.restorations)
        await broker.publish([("jobs", b"")])
        assert await broker.wait_for_poke("jobs", 60)


async def test_a_poke_between_two_waits_is_not_lost(server: Server) -> None:
    async with listening(server.url, "a") as (broker, ear):
        await broker.wait_for_poke("jobs", 0.01)
        await broker.join(["jobs"])
        await broker.publish([("jobs", b""), ("jobs", b""), ("a", b"after")])
        await until(lambda: ear.heard)
        assert await broker.wait_for_poke("jobs", 60)
        assert not await broker.wait_for_poke("jobs", 0.01)


async def test_whoever_waits_for_pokes_looks_again_after_an_interruption(server: Server) -> None:
    async with listening(server.url) as (broker, _):
        await broker.wait_for_poke("jobs", 0.01)
        waiting = asyncio.create_task(broker.wait_for_poke("jobs", 30))
        await server.kill()
        await server.start()
        assert await waiting


async def test_a_secret_can_be_taken_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_commands(server.url) as commands:
        once = Once(commands, "ticket:")
        await once.put("a", b"value", 30)
        await once.put("b", b"other", 30)
        server.freeze()
        with monkeypatch.context() as product:
            # Nodes of a cluster that are away for longer than NODE_TIMEOUT_MS refuse for a while.
            product.setattr("pubsub.valkey.COMMAND_SECONDS", 0.3)
            with pytest.raises(BrokerUnavailable):
                await once.take(["b"])
        server.thaw()  # the answer that nobody waited for must not become the answer to the next question
        assert await once.take(["a", "a"]) == [b"value", None]
        assert await once.take(["a"]) == [None]
        await server.kill()
        with pytest.raises(BrokerUnavailable):
            await once.take(["a"])


async def test_a_task_that_publishes_can_be_ended_at_any_moment(server: Server) -> None:
    async with listening(server.url) as (broker, _):
        for steps in range(60):
            task = asyncio.create_task(publish_for_ever(broker))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            assert await asyncio.wait([task], timeout=60) == ({task}, set())


async def publish_for_ever(broker: Broker) -> None:
    while True:
        await broker.publish([("a", b"x")])
