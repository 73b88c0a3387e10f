"""Nodes of a cluster die, freeze, are cut off and hand slots on: what the others have goes on, and the listener is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from pubsub import channels, topology
from pubsub.broker import Broker, BrokerUnavailable
from pubsub.commands import Command, Commands
from pubsub.link import slot_of
from pubsub.opening import open_broker, open_commands
from pubsub.target import Address
from pubsub.valkey import pipelined
from server.kit.ids import new_id
from tests.pubsub.ears import Ear, listening
from tests.valkeys import OwnCluster, own_cluster, redis_program
from tests.waiting import until

FIRST, SECOND, THIRD = "reelwire:{3}", "reelwire:{1}", "reelwire:{0}"
"""Channels in slots of each of the nodes."""
ALL = [FIRST, SECOND, THIRD]


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[OwnCluster]:
    async with own_cluster(tmp_path) as found:
        yield found


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of the product that a test would sit out."""
    monkeypatch.setattr("pubsub.subscription.PING_SECONDS", 0.3)
    monkeypatch.setattr("pubsub.nodes.REFRESH_SECONDS", 0.5)


async def arrives(broker: Broker, ear: Ear, *names: str) -> None:
    """What is sent to these now is heard, once and in order."""
    before = len(ear.heard)
    sent = [(name, new_id().bytes) for name in names for _ in range(5)]
    await broker.publish(sent)
    await until(lambda: len(ear.heard) >= before + len(sent), "messages")
    assert sorted(ear.heard[before:]) == sorted(sent)
    for name in names:
        assert [message for message in ear.heard[before:] if message[0] == name] == [m for m in sent if m[0] == name]


def test_the_channels_lie_on_three_nodes() -> None:
    assert [slot_of(channel) * 3 // 16384 for channel in ALL] == [0, 1, 2]


async def test_a_message_passes_the_node_of_its_channel_alone(cluster: OwnCluster) -> None:
    async with listening(cluster.url, *ALL) as (broker, ear):
        await arrives(broker, ear, *ALL)
        for node, channel in zip(cluster.nodes, ALL, strict=True):
            heard = await node.ask("PUBSUB", "SHARDCHANNELS")
            assert [name for name in ALL if name.encode() in heard] == [channel]
            assert "cluster_stats_messages_publish" not in await node.info()


async def test_a_redis_cluster_will_do_as_well(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    async with (
        own_cluster(tmp_path, program=redis_program(tmp_path / "bin")) as cluster,
        listening(cluster.url, *ALL) as (broker, ear),
    ):
        await arrives(broker, ear, *ALL)
        await cluster.move(slot_of(FIRST), cluster.nodes[1])
        await until(lambda: ear.interruptions and ear.whole)
        await arrives(broker, ear, *ALL)


async def test_a_slot_that_moves_is_followed_and_the_gap_is_told(cluster: OwnCluster) -> None:
    async with listening(cluster.url, *ALL, channels.LOG) as (broker, ear):
        for turn, to in enumerate((1, 2, 0, 1)):
            await cluster.move(slot_of(FIRST), cluster.nodes[to])
            await until(lambda turn=turn: ear.interruptions > turn and ear.whole, "the move")  # type: ignore[misc]
            await arrives(broker, ear, *ALL, channels.LOG)


async def test_channels_of_a_slot_that_moved_unnoticed_are_joined_where_it_is(cluster: OwnCluster) -> None:
    async with listening(cluster.url, THIRD) as (broker, ear):
        await cluster.move(slot_of(FIRST), cluster.nodes[1])
        await broker.join(ALL)
        await arrives(broker, ear, *ALL)


async def test_messages_on_their_way_to_a_moving_slot_keep_their_order(cluster: OwnCluster) -> None:
    async with listening(cluster.url, FIRST) as (broker, ear):
        sent = 0
        for to in (1, 0, 2, 0):
            moving = asyncio.create_task(cluster.move(slot_of(FIRST), cluster.nodes[to]))
            while not moving.done():
                await broker.publish([(FIRST, b"%06d" % (sent + n)) for n in range(20)])
                sent += 20
        payloads = [payload for _, payload in ear.heard]
        assert payloads == sorted(set(payloads))


@pytest.mark.usefixtures("hasty")
async def test_a_dead_node_takes_its_channels_alone_and_they_come_back_with_it(cluster: OwnCluster) -> None:
    async with listening(cluster.url, *ALL) as (broker, ear):
        await cluster.nodes[0].kill()
        await until(lambda: ear.interruptions)
        await arrives(broker, ear, SECOND, THIRD)
        with pytest.raises(BrokerUnavailable):
            await broker.publish([(FIRST, b"lost")])
        with pytest.raises(BrokerUnavailable):
            await broker.ping()
        with pytest.raises(BrokerUnavailable):
            await broker.join(["reelwire:{7}"])
        assert not ear.whole
        await cluster.nodes[0].start()
        await until(lambda: ear.whole)
        await arrives(broker, ear, *ALL)


@pytest.mark.usefixtures("hasty")
async def test_what_could_be_sent_was_although_a_node_is_dead(cluster: OwnCluster) -> None:
    async with listening(cluster.url, *ALL) as (broker, ear):
        await cluster.nodes[0].kill()
        with pytest.raises(BrokerUnavailable):
            await broker.publish([(FIRST, b"1"), (SECOND, b"2"), (FIRST, b"3"), (THIRD, b"4")])
        await until(lambda: len(ear.heard) == 2)
        assert sorted(ear.heard) == sorted([(SECOND, b"2"), (THIRD, b"4")])


@pytest.mark.usefixtures("hasty")
async def test_a_replica_takes_over_and_is_heard(tmp_path: Path) -> None:
    async with (
        own_cluster(tmp_path, replica=True) as cluster,
        open_commands(cluster.url) as commands,
        listening(cluster.url, *ALL) as (broker, ear),
    ):
        await commands.run([Command(THIRD, ("SET", THIRD, "kept"))])
        await commands.run([Command(THIRD, ("WAIT", 1, 5000))])
        await cluster.nodes[2].kill()
        await until(lambda: ear.interruptions)
        await until(lambda: ear.whole)
        await arrives(broker, ear, *ALL)
        while (found := await answer_of(commands, Command(THIRD, ("GET", THIRD)))) is None:
            await asyncio.sleep(0.05)
        assert found == b"kept"
        await broker.ping()


@pytest.mark.usefixtures("hasty")
async def test_a_node_that_hands_over_and_lives_is_not_listened_to_any_more(tmp_path: Path) -> None:
    async with own_cluster(tmp_path, replica=True) as cluster, listening(cluster.url, *ALL) as (broker, ear):
        await cluster.nodes[3].say("FAILOVER")
        await until(lambda: ear.interruptions and ear.whole)
        await arrives(broker, ear, *ALL)


@pytest.mark.usefixtures("hasty")
async def test_a_frozen_node_is_missed_while_the_others_live(cluster: OwnCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(cluster.url, *ALL) as (broker, ear):
        cluster.nodes[1].freeze()
        await until(lambda: ear.interruptions)
        await arrives(broker, ear, FIRST, THIRD)
        with monkeypatch.context() as product:
            product.setattr("pubsub.valkey.COMMAND_SECONDS", 1.0)
            for _ in range(3):
                with pytest.raises(BrokerUnavailable):
                    await broker.publish([(SECOND, b"lost"), (FIRST, b"sent")])
        cluster.nodes[1].thaw()
        await until(lambda: ear.whole)
        ear.heard.clear()
        await until_heard(broker, ear, SECOND)


async def until_heard(broker: Broker, ear: Ear, channel: str) -> None:
    """Until something that is sent there arrives; a node that was frozen is avoided for a moment."""
    async with asyncio.timeout(60):
        while not any(name == channel for name, _ in ear.heard):
            try:
                await broker.publish([(channel, b"again")])
            except BrokerUnavailable:
                await asyncio.sleep(0.05)


async def test_a_node_that_answers_and_passes_nothing_on_is_noticed_by_our_heartbeat(
    cluster: OwnCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pubsub.beats.BEAT_SECONDS", 0.1)
    async with listening(cluster.url, *ALL) as (broker, ear):
        await until(lambda: ear.whole)
        # To whoever sends, the node is as good as dead; to whoever listens, it answers every ping.
        await cluster.nodes[0].ask("ACL", "SETUSER", "default", "-spublish")
        await until(lambda: ear.interruptions, "the interruption")
        await arrives(broker, ear, SECOND, THIRD)
        await cluster.nodes[0].ask("ACL", "SETUSER", "default", "+spublish")
        await until_heard(broker, ear, FIRST)


async def test_of_two_views_the_one_that_knows_of_a_replacement_is_believed(tmp_path: Path) -> None:
    async with own_cluster(tmp_path, replica=True) as cluster:
        one, new = cluster.nodes[0], cluster.nodes[3]
        asked = Address("127.0.0.1", one.port)
        before = topology.read(await pipelined(one.client, topology.QUESTION), asked)
        await new.say("FAILOVER")
        after = before
        while after.owner(slot_of(THIRD)) != ("127.0.0.1", new.port):
            after = topology.read(await pipelined(one.client, topology.QUESTION), asked)
        assert before.owner(slot_of(THIRD)) == ("127.0.0.1", cluster.nodes[2].port)
        assert after.rank > before.rank
        assert len(after.owners) == 3


async def answer_of(commands: Commands, command: Command) -> object:
    """None while the command's node is away, as far as is known."""
    with suppress(BrokerUnavailable):
        return (await commands.run([command]))[0]
    return None


async def test_one_node_of_the_url_that_lives_is_enough(cluster: OwnCluster) -> None:
    url = cluster.url.replace(f"127.0.0.1:{cluster.nodes[0].port}", "127.0.0.1:9")
    async with listening(url, *ALL) as (broker, ear):
        await arrives(broker, ear, *ALL)


async def test_keys_that_have_moved_already_are_asked_for_where_they_are(cluster: OwnCluster) -> None:
    here, there = cluster.nodes[0], cluster.nodes[1]
    slot = slot_of(FIRST)
    async with open_commands(cluster.url) as commands:
        await commands.run([Command(FIRST, ("SET", FIRST, "here"))])
        await there.say("SETSLOT", slot, "IMPORTING", here.id)
        await here.say("SETSLOT", slot, "MIGRATING", there.id)
        await commands.run([Command(f"{{3}}{n}", ("GET", f"{{3}}{n}")) for n in range(3)])
        # A key that is not here any more is asked for there (ASK), also when it is made.
        new = "{3}new"
        answers = await commands.run(
            [Command(new, ("SET", new, "there")), Command(FIRST, ("GET", FIRST)), Command(new, ("GETDEL", new))]
        )
        assert answers == [True, b"here", b"there"]


async def test_commands_follow_a_slot_that_has_moved_unnoticed(cluster: OwnCluster) -> None:
    async with open_commands(cluster.url) as commands:
        await commands.run([Command("{3}a", ("GET", "{3}a")), Command("{1}b", ("GET", "{1}b"))])
        for to in (1, 2, 0):
            await cluster.move(slot_of(FIRST), cluster.nodes[to])
            words = [Command(key, ("SET", key, "1")) for key in ("{3}a", "{1}b", "{0}c")]
            assert await commands.run(words) == [True, True, True]
            assert await commands.run([Command("{3}a", ("GETDEL", "{3}a"))]) == [b"1"]


async def test_nobody_waits_again_for_a_node_that_has_let_us_wait(cluster: OwnCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pubsub.nodes.AVOID_SECONDS", 600.0)
    async with open_commands(cluster.url) as commands:
        await commands.ping()
        cluster.nodes[0].freeze()
        with monkeypatch.context() as product:
            product.setattr("pubsub.valkey.COMMAND_SECONDS", 0.5)
            with pytest.raises(BrokerUnavailable, match="does not answer"):
                await commands.run([Command(FIRST, ("GET", FIRST))])
        with pytest.raises(BrokerUnavailable, match="a moment ago"):
            await commands.run([Command(FIRST, ("GET", FIRST))])
        assert await commands.run([Command(SECOND, ("GET", SECOND))]) == [None]


async def test_nothing_of_a_broker_is_left_running(cluster: OwnCluster) -> None:
    before = asyncio.all_tasks()
    async with open_broker(cluster.url, ear := Ear()) as broker:
        await until(lambda: ear.restorations)
        await broker.join(ALL)
    assert asyncio.all_tasks() <= before
