"""Broker, leader and database die in the midst of things: pushes go on or come later, in order, and none is lost."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from pubsub import channels
from pubsub.broker import Broker, BrokerUnavailable
from pubsub.commands import Command, Commands, answered
from pubsub.opening import open_broker, open_commands
from pubsub.pokes import Deaf
from server.live import envelopes, queries, relay
from server.live.envelopes import Envelope, Published
from server.settings import Settings
from tests.server.live.stage import Node, Somebody, Stage, staged
from tests.sockets import Ear
from tests.valkeys import OwnCluster, Server, own_server
from tests.waiting import until

KILLED_LEADER = "UPDATE event_log SET leader = 'killed', leased_until = clock_timestamp() + interval '1 second'"
CUT_EVERYBODY = """
SELECT pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = current_database() AND application_name = 'reelwire'
"""

GO_BACK = """
WITH lost AS (DELETE FROM publication WHERE seq > (SELECT last_seq - 2 FROM event_log))
UPDATE event_log SET last_seq = last_seq - 2, relayed_seq = least(relayed_seq, last_seq - 2)
"""

on_both = pytest.mark.parametrize("scene", ["valkey", "cluster"], indirect=True)
"""On one server, and on a cluster."""


@dataclass
class Scene:
    """Two nodes on a Valkey that may be killed, a follower on each, and whom they follow."""

    valkey: Server
    stage: Stage
    nodes: list[Node]
    follower: Somebody
    author: Somebody

    async def publish(self, count: int) -> list[UUID]:
        return [await self.stage.publish(self.author) for _ in range(count)]


@pytest.fixture
async def scene(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> AsyncIterator[Scene]:
    async with own_server(getattr(request, "param", "valkey"), tmp_path) as valkey, staged(settings, valkey.url) as stage:
        nodes = [await stage.node(), await stage.node()]
        follower, author = await stage.somebody(), await stage.somebody()
        await stage.follow(follower, author)
        yield Scene(valkey, stage, nodes, follower, author)


async def all_in_order(ears: list[Ear], published: list[UUID]) -> None:
    for ear in ears:
        await ear.heard(*published)
        assert ear.videos == [str(video_id) for video_id in published]


@on_both
async def test_pushes_go_on_while_valkey_is_dead_and_after_it_came_back_empty(scene: Scene) -> None:
    async with scene.nodes[0].listen(scene.follower) as one, scene.nodes[1].listen(scene.follower) as two:
        published = await scene.publish(3)
        await all_in_order([one, two], published)
        await scene.valkey.kill()
        published += await scene.publish(3)
        await all_in_order([one, two], published)
        await scene.valkey.start()
        published += await scene.publish(3)
        await all_in_order([one, two], published)


@on_both
async def test_a_frozen_valkey_holds_up_nobody_and_its_old_messages_are_no_repeats(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene.nodes[0].listen(scene.follower) as one, scene.nodes[1].listen(scene.follower) as two:
        published = await scene.publish(1)
        await all_in_order([one, two], published)
        scene.valkey.freeze()
        with monkeypatch.context() as product:
            product.setattr("pubsub.valkey.COMMAND_SECONDS", 1.0)
            published += await scene.publish(5)
            await all_in_order([one, two], published)
        scene.valkey.thaw()
        published += await scene.publish(5)
        await all_in_order([one, two], published)


@pytest.mark.parametrize("scene", ["cluster"], indirect=True)
@pytest.mark.parametrize("dead", range(3))
async def test_pushes_go_on_whichever_node_of_a_cluster_is_dead(scene: Scene, dead: int) -> None:
    cluster = scene.valkey
    assert isinstance(cluster, OwnCluster)
    async with scene.nodes[0].listen(scene.follower) as one, scene.nodes[1].listen(scene.follower) as two:
        published = await scene.publish(2)
        await all_in_order([one, two], published)
        await cluster.nodes[dead].kill()
        published += await scene.publish(3)
        await all_in_order([one, two], published)
        await cluster.nodes[dead].start()
        published += await scene.publish(2)
        await all_in_order([one, two], published)


async def test_a_process_hears_an_account_while_it_is_online_there(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pubsub.interest.LINGER_SECONDS", 0.05)
    channel = channels.of(scene.follower.id)
    async with open_commands(scene.valkey.url) as commands:
        assert await subscribers(commands, channel) == 0
        async with scene.nodes[0].listen(scene.follower) as one, scene.nodes[0].listen(scene.follower) as two:
            for ear in (one, two):
                await ear.of_type("welcome")
            assert await subscribers(commands, channel) == 1
            async with scene.nodes[1].listen(scene.follower) as three:
                await three.of_type("welcome")
                assert await subscribers(commands, channel) == 2
        while await subscribers(commands, channel):
            pass


async def test_a_publication_is_one_message_however_many_follow(scene: Scene) -> None:
    heard: list[Envelope | None] = []

    class Listener(Deaf):
        def received(self, channel: str, payload: bytes) -> None:  # noqa: ARG002 - the payload says all
            heard.append(envelopes.read(payload))

    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(open_broker(scene.valkey.url, Listener()))
        while not await joined(broker, [channels.LOG, *channels.ALL_NEWS]):
            pass
        ears = []
        for n in range(12):
            follower = await scene.stage.somebody()
            await scene.stage.follow(follower, scene.author)
            ears.append(await stack.enter_async_context(scene.nodes[n % 2].listen(follower)))
            await ears[-1].of_type("welcome")
        published = await scene.publish(2)
        await all_in_order(ears, published)
        await until(lambda: [event.video_id for event in heard if isinstance(event, Published)] == published)


async def subscribers(commands: Commands, channel: str) -> int:
    """How many processes hear a channel."""
    ((_, found),) = answered(await commands.run([Command("", ("PUBSUB", "NUMSUB", channel))]))
    return int(found)


async def joined(broker: Broker, names: Collection[str]) -> bool:
    """Whether these are heard now; the link may not be there yet."""
    with suppress(BrokerUnavailable):
        await broker.join(names)
        return True
    await asyncio.sleep(0.01)
    return False


async def test_after_a_long_outage_the_broker_is_spared_the_backlog(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.live.relay.BACKLOG", 5)
    async with scene.nodes[0].listen(scene.follower) as one, scene.nodes[1].listen(scene.follower) as two:
        await scene.valkey.kill()
        published = await scene.publish(20)
        await all_in_order([one, two], published)
        await scene.valkey.start()
        published += await scene.publish(1)
        await all_in_order([one, two], published)
        last = await scene.stage.pool.fetchval("SELECT last_seq FROM event_log")
        relayed = "SELECT relayed_seq FROM event_log"
        while await scene.stage.pool.fetchval(relayed) != last:
            await one.answered()


async def test_another_process_leads_when_the_leader_is_killed(scene: Scene) -> None:
    async with scene.nodes[0].listen(scene.follower) as one, scene.nodes[1].listen(scene.follower) as two:
        published = await scene.publish(2)
        await all_in_order([one, two], published)
        await scene.stage.pool.execute(KILLED_LEADER)
        published += await scene.publish(5)
        await all_in_order([one, two], published)
        leader = await scene.stage.pool.fetchval("SELECT leader FROM event_log")
        assert leader != "killed"


async def test_a_stopping_leader_hands_over_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (queries, relay):
        monkeypatch.setattr(module, "LEASE_SECONDS", 600.0)
    monkeypatch.setattr(relay, "RELEASE_SECONDS", 30.0)
    for stopped, node in ((0, 1), (1, 2)):
        if node == len(scene.nodes):
            scene.nodes.append(await scene.stage.node())
        async with scene.nodes[node].listen(scene.follower) as ear:
            await ear.answered()
            await scene.nodes[stopped].stop()
            published = await scene.publish(3)
            await all_in_order([ear], published)


async def test_every_connection_to_postgresql_breaks_and_nothing_is_lost(scene: Scene) -> None:
    async with scene.nodes[0].listen(scene.follower) as one, scene.nodes[1].listen(scene.follower) as two:
        published = []
        for _ in range(3):
            published += await scene.publish(2)
            await scene.stage.pool.execute(CUT_EVERYBODY)
            published += await scene.publish(2)
        await all_in_order([one, two], published)


@on_both
async def test_whoever_was_away_during_an_outage_resumes_without_loss(scene: Scene) -> None:
    async with scene.nodes[0].listen(scene.follower) as ear:
        published = await scene.publish(2)
        await all_in_order([ear], published)
        position = ear.position
    await scene.valkey.kill()
    missed = await scene.publish(4)
    await scene.valkey.start()
    await scene.nodes[1].applied(missed[0])
    async with scene.nodes[1].listen(scene.follower, resume=position) as ear:
        await all_in_order([ear], missed)
        assert (await ear.of_type("caught_up"))["recovered"] is True


async def test_a_log_that_begins_anew_is_told_to_everybody(scene: Scene) -> None:
    async with scene.nodes[0].listen(scene.follower) as ear:
        await scene.publish(1)
        position = (await ear.of_type("welcome"))["position"]
        await scene.stage.pool.execute("UPDATE event_log SET epoch = substr(md5(random()::text), 1, 12)")
        code, reason = await ear.closed()
        assert code == 1012
        assert reason.startswith("retry_after_ms=")
    async with scene.nodes[0].listen(scene.follower, resume=position) as ear:
        assert (await ear.of_type("caught_up"))["recovered"] is False
        await ear.heard(*await scene.publish(1))


async def test_a_log_that_goes_back_under_its_leader_begins_anew_before_a_number_is_given_twice(scene: Scene) -> None:
    async with scene.nodes[0].listen(scene.follower) as ear:
        await all_in_order([ear], await scene.publish(3))
        position = ear.position
        await scene.stage.pool.execute(GO_BACK)  # a database that was restored, or a copy that lagged and took over
        await scene.publish(3)
        assert (await ear.closed())[0] == 1012
    async with scene.nodes[0].listen(scene.follower, resume=position) as ear:
        assert (await ear.of_type("caught_up"))["recovered"] is False
        await ear.heard(*await scene.publish(1))
        while not await scene.stage.pool.fetchval("SELECT relayed_seq = last_seq FROM event_log"):
            await ear.answered()  # what is published is sent, and not only read
