"""How many watch a video, over all processes, and what becomes of that when one of them or Valkey dies."""

from pathlib import Path
from typing import Any

import pytest

from pubsub.opening import open_commands
from pubsub.tally import Tally
from server.live import tallies
from server.live.gateway import WATCHERS_PREFIX
from server.settings import Settings
from tests.server.live.stage import Node, Stage, staged
from tests.sockets import Ear
from tests.valkeys import own_cluster, own_valkey
from tests.waiting import until


async def watchers(ear: Ear, number: int) -> None:
    """Wait until so many are told."""
    await until(lambda: ear.events("counts")[-1]["watchers"] == number, f"{number} watchers: {ear.events('counts')[-3:]}")


async def test_watchers_are_counted_over_all_processes(stage: Stage) -> None:
    one, two = await stage.node(), await stage.node()
    ann, ben, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(ann)
    async with one.listen(ann) as hers, two.listen(ben) as his, two.listen(cat) as third:
        assert (await hers.watch(video_id))["watchers"] == 1
        assert (await his.watch(video_id))["watchers"] == 2  # at once, although this process had none
        await third.watch(video_id)
        for ear in (hers, his, third):
            await watchers(ear, 3)
        await his.command(type="unwatch", video_id=str(video_id))
        await watchers(hers, 2)
        third.cut()
        await watchers(hers, 1)


async def test_the_watchers_of_a_killed_process_vanish(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "TALLY_REFRESH_SECONDS", 0.05)
    node, ann = await stage.node(), await stage.somebody()
    video_id = await stage.publish(ann)
    async with open_commands(stage.settings.valkey_url) as commands, node.listen(ann) as ear:
        await Tally(commands, WATCHERS_PREFIX, 600).keep("killed", {str(video_id): 5})
        assert (await ear.watch(video_id))["watchers"] == 6
        await Tally(commands, WATCHERS_PREFIX, 0.001).keep("killed", {str(video_id): 5})  # its time is over
        await watchers(ear, 1)


async def test_a_stopped_process_leaves_nothing_in_the_tally(stage: Stage) -> None:
    one, two = await stage.node(), await stage.node()
    ann = await stage.somebody()
    video_id = await stage.publish(ann)
    async with one.listen(ann) as ear:
        await ear.watch(video_id)
        async with two.listen(await stage.somebody()) as other:
            await other.watch(video_id)
            await watchers(ear, 2)
            await two.stop()
            await watchers(ear, 1)


async def test_more_than_one_round_trip_takes_is_told_without_a_pause(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "TALLIES_AT_ONCE", 1)
    monkeypatch.setattr(tallies, "TALLY_SECONDS", 600)
    node, ann = await stage.node(), await stage.somebody()
    ids = [await stage.publish(ann) for _ in range(3)]
    async with open_commands(stage.settings.valkey_url) as commands, node.listen(ann) as ear:
        for video_id in ids:
            await ear.watch(video_id)
        await node.gateway.watching._tallies.turn()
        numbers = {str(video_id): 1 for video_id in ids}
        assert await Tally(commands, WATCHERS_PREFIX, 600).keep("another", numbers) == [2, 2, 2]


async def test_without_valkey_each_process_counts_its_own_and_afterwards_all(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tallies, "RETRY_LAST_SECONDS", 0.1)
    async with own_valkey(tmp_path) as server, staged(settings, server.url) as stage:
        one, two = await stage.node(), await stage.node()
        ann, ben, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
        video_id = await stage.publish(ann)
        async with one.listen(ann) as hers, two.listen(ben) as his, one.listen(cat) as third:
            await hers.watch(video_id)
            await his.watch(video_id)
            await watchers(hers, 2)
            await server.kill()
            await third.watch(video_id)
            await watchers(hers, 2)  # two here, and nobody knows of the third
            await watchers(third, 2)
            await third.command(type="unwatch", video_id=str(video_id))
            await watchers(hers, 1)
            await server.start()
            await watchers(hers, 2)
            await watchers(his, 2)
            comment_id = await stage.comment(ben, video_id)
            await told_once_the_broker_is_back(stage, hers, comment_id, ben, video_id)
        assert caplog.text.count("counted on this process alone") <= 2


async def told_once_the_broker_is_back(stage: Stage, ear: Ear, first: object, who: Any, video_id: Any) -> None:
    """One that was sent too early is lost from display, and not from the count."""
    while not ear.events("comment.created"):
        await ear.answered()
        await stage.comment(who, video_id)
    await until(lambda: ear.events("counts")[-1]["comments"] >= 1, f"the count, of {first} too")


async def test_on_a_cluster_it_is_the_same(settings: Settings, tmp_path: Path) -> None:
    async with own_cluster(tmp_path) as cluster, staged(settings, cluster.url) as stage:
        one, two = await stage.node(), await stage.node()
        ann, ben = await stage.somebody(), await stage.somebody()
        ids = [await stage.publish(ann) for _ in range(4)]  # on several of its nodes
        async with one.listen(ann) as hers, two.listen(ben) as his:
            for video_id in ids:
                await hers.watch(video_id)
                assert (await his.watch(video_id))["watchers"] == 2
                comment_id = await stage.comment(ben, video_id)
                for ear in (hers, his):
                    await ear.frame(lambda frame: frame.get("data", {}).get("id") == str(comment_id))  # noqa: B023


async def test_counts_that_were_missed_are_right_again_when_valkey_is_back(settings: Settings, tmp_path: Path) -> None:
    async with own_valkey(tmp_path) as server, staged(settings, server.url) as stage:
        node, ann = await stage.node(), await stage.somebody()
        video_id = await stage.publish(ann)
        async with node.listen(ann) as ear:
            await ear.watch(video_id)
            await server.kill()
            await stage.like(ann, video_id)
            await server.start()
            await until(lambda: ear.events("counts")[-1]["likes"] == 1, "the like")


async def test_the_sessions_of_one_account_count_once(stage: Stage, node: Node) -> None:
    ann, video_id = await stage.somebody(), await stage.publish(await stage.somebody())
    async with node.listen(ann) as one, node.listen(ann) as two:
        await one.watch(video_id)
        assert (await two.watch(video_id))["watchers"] == 1
