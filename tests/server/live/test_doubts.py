"""Follows and visibility count at delivery: at once for whoever is online, with a broker and without."""

import asyncio
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from server.kit.ids import new_id
from server.kit.invalidation import POLL_SECONDS, Invalidated
from server.live import queries
from server.live.ring import Ring
from server.settings import Settings
from tests.server.live.stage import Node, Stage, staged
from tests.valkeys import own_valkey
from tests.waiting import until


async def test_a_follow_takes_effect_at_once_even_for_what_is_published_right_after_it(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    async with node.listen(ann) as ear:
        await ear.answered()
        for _ in range(20):
            ben = await stage.somebody()
            await node.applied(await stage.publish(ben))  # before the follow: not to be heard
            await stage.follow(ann, ben)
            await ear.heard(await stage.publish(ben))
        assert len(ear.videos) == 20


async def test_publications_of_the_same_moment_as_a_follow_are_not_lost(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    async with node.listen(ann) as ear:
        await ear.answered()
        for _ in range(20):
            ben = await stage.somebody()
            await stage.follow(ann, ben)
            published = await asyncio.gather(*(stage.publish(ben) for _ in range(5)))
            events = await ear.heard(*published)
            mine = [event["data"]["published_at"] for event in events if event["data"]["author"]["id"] == str(ben.id)]
            assert len(mine) == 5
        assert len(ear.videos) == 100


@pytest.mark.parametrize("memory", [True, False], ids=["from memory", "from PostgreSQL"])
async def test_a_follow_of_which_this_process_does_not_hear_loses_nothing_to_a_resume(
    stage: Stage, node: Node, memory: bool
) -> None:
    ann, ben, eve = await stage.somebody(), await stage.somebody(), await stage.somebody()
    async with node.listen(ann) as other, node.listen(ann) as ear:
        await other.answered()
        position = (await ear.of_type("welcome"))["position"]
        await stage.pool.execute("INSERT INTO following (account_id, author_id) VALUES ($1, $2)", ann.id, ben.id)
        await stage.publish(eve)
        missed = await stage.publish(ben)
        await node.applied(missed)
        if not memory:
            node.gateway.hub.ring = Ring(node.gateway.hub.applied)
        await ear.say(type="resume", position=position)
        assert (await ear.of_type("caught_up"))["missed"] == 1
        live = await stage.publish(ben)
        for each in (ear, other):
            await each.heard(missed, live)
            assert each.videos == [str(missed), str(live)]  # and none of them twice


async def test_after_an_unfollow_nothing_more_arrives(stage: Stage, node: Node) -> None:
    ann, ben, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben, cat)
    async with node.listen(ann) as ear:
        await ear.heard(await stage.publish(ben))
        await stage.unfollow(ann, ben)
        await until(lambda: not node.gateway.hub.presence.followers(ben.id), "the end of the follow")
        await stage.publish(ben)
        await ear.heard(await stage.publish(cat))
        assert len(ear.videos) == 2


async def test_after_a_block_nothing_more_arrives_at_either(stage: Stage, node: Node) -> None:
    ann, ben, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben, cat)
    await stage.follow(ben, ann, cat)
    async with node.listen(ann) as hers, node.listen(ben) as his:
        await hers.heard(await stage.publish(ben))
        await his.heard(await stage.publish(ann))
        await stage.block(ann, ben)
        presence = node.gateway.hub.presence
        await until(lambda: not presence.followers(ben.id) and not presence.followers(ann.id), "the end of both follows")
        for author in (ann, ben):
            await stage.publish(author)
        shown = await stage.publish(cat)
        for ear in (hers, his):
            await ear.heard(shown)
            assert len(ear.videos) == 2


async def test_a_follow_that_ends_and_begins_again_loses_nothing(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    async with node.listen(ann) as ear:
        await ear.answered()
        for _ in range(10):
            await stage.unfollow(ann, ben)
            await stage.follow(ann, ben)
            await ear.heard(await stage.publish(ben))


@pytest.mark.parametrize("change", ["unfollow", "block", "blocked"])
async def test_it_counts_without_a_broker_at_the_next_poll(settings: Settings, tmp_path: Path, change: str) -> None:
    assert POLL_SECONDS < 1
    async with own_valkey(tmp_path) as server, staged(settings, server.url) as stage:
        node, ann, ben = await stage.node(), await stage.somebody(), await stage.somebody()
        await stage.follow(ann, ben)
        async with node.listen(ann) as ear:
            await ear.answered()
            await server.kill()
            if change == "unfollow":
                await stage.unfollow(ann, ben)
            elif change == "block":
                await stage.block(ann, ben)
            else:
                await stage.block(ben, ann)
            await until(lambda: not node.gateway.hub.presence.followers(ben.id), "the end of the follow")


@pytest.mark.parametrize("change", ["delete", "private"])
async def test_what_is_hidden_before_it_is_numbered_is_never_sent(stage: Stage, node: Node, change: str) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    async with node.listen(ann) as ear:
        await ear.answered()
        async with stage.pool.acquire() as conn, conn.transaction():
            await conn.execute("SELECT true FROM event_log FOR UPDATE")  # nobody numbers while we hold this
            hidden = await stage.publish(ben)
            if change == "delete":
                await stage.delete(ben, hidden)
            else:
                await stage.pool.execute("UPDATE video SET visibility = 'private' WHERE id = $1", hidden)
        shown = await stage.publish(ben)
        await ear.heard(shown)
        assert ear.videos == [str(shown)]


async def test_while_nobody_can_tell_who_is_followed_the_session_waits_and_then_goes_on(stage: Stage, node: Node) -> None:
    ann, ben, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben, cat)
    async with node.listen(ann) as ear:
        await ear.answered()
        async with stage.pool.acquire() as conn, conn.transaction():
            await stage.unfollow(ann, ben)
            await conn.execute("LOCK TABLE following IN ACCESS EXCLUSIVE MODE")
            (audience,) = node.gateway.hub.presence.followers(cat.id)
            node.gateway.doubts.hear(Invalidated(ann.id, new_id(), "follow", ben.id))
            assert audience.doubts
            silenced, heard = await stage.publish(ben), await stage.publish(cat)
            await node.applied(heard)
            await ear.answered()
            assert ear.videos == []
        await ear.heard(heard)
        assert str(silenced) not in ear.videos


@pytest.mark.parametrize("error", [ConnectionError, RuntimeError])
async def test_a_follow_whose_publications_cannot_be_read_is_tried_again_with_all_of_them(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: type[Exception]
) -> None:
    monkeypatch.setattr("server.live.doubts.RETRY_LAST_SECONDS", 0.02)
    ann, ben = await stage.somebody(), await stage.somebody()
    read, times = queries.since_follow, count()

    async def fail_once(*what: Any) -> Any:
        if next(times) == 0:
            raise error
        return await read(*what)

    async with node.listen(ann) as ear:
        await ear.answered()
        await stage.pool.execute("INSERT INTO following (account_id, author_id) VALUES ($1, $2)", ann.id, ben.id)
        published = await stage.publish(ben)
        await node.applied(published)
        monkeypatch.setattr(queries, "since_follow", fail_once)
        node.gateway.doubts.hear(Invalidated(ann.id, new_id(), "follow", ben.id))
        await ear.heard(published)
        await ear.answered()
        assert ear.videos == [str(published)]
    assert "follows cannot be read" in caplog.text


async def test_a_follow_that_is_given_up_in_its_midst_was_never_one(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    presence = node.gateway.hub.presence
    (settling,) = [task for task in asyncio.all_tasks() if task.get_name() == "Doubts"]
    async with node.listen(ann) as ear:
        await ear.answered()
        async with stage.pool.acquire() as conn, conn.transaction():
            await conn.execute("LOCK TABLE publication IN ACCESS EXCLUSIVE MODE")
            await stage.follow(ann, ben)
            await until(lambda: presence.followers(ben.id), "the follow")  # what he has published is being asked for
            settling.cancel()
            await asyncio.wait([settling])
        audience = presence.audience(ann.id)
        assert audience is not None
        assert not audience.follows
        assert not presence.followers(ben.id)
        assert ben.id in audience.doubts  # whatever he publishes is held back


async def test_an_unfollow_while_a_follow_is_still_being_caught_up_counts(stage: Stage, node: Node) -> None:
    ann, ben, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, cat)
    presence, doubts = node.gateway.hub.presence, node.gateway.doubts
    async with node.listen(ann) as ear:
        await ear.answered()
        async with stage.pool.acquire() as conn, conn.transaction():
            await conn.execute("LOCK TABLE publication IN ACCESS EXCLUSIVE MODE")
            await stage.follow(ann, ben)
            await until(lambda: presence.followers(ben.id), "the follow")  # what he has published is being asked for
            await stage.unfollow(ann, ben)
            await until(lambda: doubts._pairs, "the unfollow")
        await until(lambda: not presence.followers(ben.id), "the end of the follow")
        silenced, heard = await stage.publish(ben), await stage.publish(cat)
        await ear.heard(heard)
        assert str(silenced) not in ear.videos
