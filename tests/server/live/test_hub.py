"""A publication reaches every online follower on every node, in order, and nobody else."""

import pytest

from server.live import hub as hubs
from tests.server.live.stage import Node, Stage
from tests.waiting import until


async def test_a_follower_hears_of_a_video_when_it_plays(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    async with node.listen(ann) as ear:
        welcome = await ear.of_type("welcome")
        assert (welcome["heartbeat_ms"], welcome["max_message_bytes"]) == (25000, 4096)
        video_id = await stage.publish(ben, "hello")
        (event,) = await ear.heard(video_id)
        assert event["data"]["title"] == "hello"
        assert event["data"]["viewer"] is None
        assert 0 < len(event["position"]) <= 200
        assert event["position"] != welcome["position"]


async def test_an_event_that_is_too_large_for_the_broker_arrives_all_the_same(stage: Stage, node: Node) -> None:
    other, ann, ben = await stage.node(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    async with node.listen(ann) as one, other.listen(ann) as two:
        published = [await stage.publish(ben, description="😀" * size) for size in (2200, 10, 2200)]
        for ear in (one, two):
            await ear.heard(*published)
            assert ear.videos == [str(video_id) for video_id in published]


async def test_neither_a_stranger_nor_the_author_hears_of_it(stage: Stage, node: Node) -> None:
    ann, ben, eve = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    async with node.listen(ann) as follower, node.listen(ben) as author, node.listen(eve) as stranger:
        await follower.heard(await stage.publish(ben))
        for ear in (author, stranger):
            await ear.answered()
            assert ear.videos == []


async def test_two_nodes_deliver_to_each_others_sessions_in_order(stage: Stage, node: Node) -> None:
    other = await stage.node()
    ann, ben, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben, cat)
    async with node.listen(ann) as one, other.listen(ann) as two:
        published = [await stage.publish(ben if n % 3 else cat) for n in range(30)]
        for ear in (one, two):
            await ear.heard(*published)
            assert ear.videos == [str(video_id) for video_id in published]


async def test_what_is_said_of_gaps_while_the_log_is_read_is_looked_at_afterwards(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seconds in ("LOOK_SECONDS", "PULSELESS_SECONDS"):  # it looks for no other reason
        monkeypatch.setattr(hubs, seconds, 3600.0)
    hub = node.gateway.hub
    async with stage.pool.acquire() as conn, conn.transaction():
        await conn.execute("LOCK TABLE event_log IN ACCESS EXCLUSIVE MODE")
        hub._look()
        await until(lambda: not hub._behind, "the reading")
        before = hub._reads
        hub.restored()
    await until(lambda: hub._reads > before + 1, "another one")
