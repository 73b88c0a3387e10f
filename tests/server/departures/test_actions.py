"""What live sessions hear when an account is deleted: its own ones end everywhere, others hear that its videos are gone."""

from pathlib import Path
from typing import cast

import pytest

from server.departures import actions, jobs
from server.departures.actions import DEPARTURE_JOB
from server.departures.jobs import Departing
from server.kit.invalidation import disown
from server.kit.work import work
from server.transcoding.jobs import Tools
from storage import jobs as queue
from storage.postgres import connection
from tests.server.live.stage import Node, Somebody, Stage, position_now

ENDED = "INSERT INTO invalidation (account_id, id, kind, subject_id) VALUES ($1, gen_random_uuid(), 'session', $2)"


async def _leave(stage: Stage, who: Somebody) -> None:
    async with work(stage.pool, stage.announcer, who.id) as w:
        await actions.leave(w, who.id, "")  # people of the stage have no password


async def _forget(stage: Stage) -> None:
    tools = cast("Tools", _Tools(stage))
    async with connection(stage.pool) as conn:
        lease = await queue.take(conn, {DEPARTURE_JOB}, "test")
    assert lease is not None
    await Departing(tools, lease, Path()).run()


class _Tools:
    """What of a worker's tools this job needs."""

    def __init__(self, stage: Stage) -> None:
        self.pool, self.announcer = stage.pool, stage.announcer


async def test_its_sessions_end_on_every_node(stage: Stage, node: Node) -> None:
    other, ann = await stage.node(), await stage.somebody()
    async with node.listen(ann) as one, other.listen(ann) as two:
        await one.of_type("welcome")
        await two.of_type("welcome")
        await _leave(stage, ann)
        assert await one.closed() == (4003, "session ended")
        assert await two.closed() == (4003, "session ended")


async def test_who_hears_of_it_late_ends_its_sessions_all_the_same(stage: Stage, node: Node) -> None:
    """A process that could not read finds rows that do not say any more whose session it was."""
    ann, ben = await stage.somebody(), await stage.somebody()
    async with node.listen(ann) as one, node.listen(ben) as two:
        await one.of_type("welcome")
        await two.of_type("welcome")
        async with connection(stage.pool) as conn, conn.transaction():
            await conn.execute(ENDED, ann.id, ann.login_id)
            await disown(conn, ann.id)
        assert await one.closed() == (4003, "session ended")
        await two.answered()


async def test_followers_and_watchers_are_told_that_its_videos_are_gone(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ben, ann)
    video_id = await stage.publish(ann)
    await node.applied(video_id)
    async with node.listen(ben) as ear:
        await ear.of_type("welcome")
        await _leave(stage, ann)
        await _forget(stage)
        assert (await ear.told("video.removed"))["id"] == str(video_id)


async def test_who_comes_back_is_not_shown_what_it_published_and_misses_nothing_else(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "GRACE_SECONDS", 0.0)
    ann, ben, cat = [await stage.somebody() for _ in range(3)]
    await stage.follow(ben, ann, cat)
    position = await position_now(node, ben)
    gone = [await stage.publish(ann) for _ in range(2)]
    stays = await stage.publish(cat)
    gone.append(await stage.publish(ann))
    last = await stage.publish(cat)
    await node.applied(last)
    await _leave(stage, ann)
    await _forget(stage)
    for asked in (node, await stage.node()):
        async with asked.listen(ben, resume=position) as ear:
            await ear.of_type("caught_up")
            published = [frame["data"]["id"] for frame in ear.frames if frame.get("event") == "video.published"]
            assert published == [str(stays), str(last)]
