"""Events leave after a commit, in order and at most once, and hold nobody up."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from pubsub.broker import BrokerUnavailable
from server.kit.ids import new_id
from server.likes.wire import Unliked
from server.live import announce
from server.live.announce import BrokerAnnouncer
from server.settings import Settings
from server.videos.wire import Failure, JobQueued, VideoProgressed
from tests.server.live.stage import Node, Stage, staged
from tests.valkeys import own_valkey
from tests.waiting import LIMIT_SECONDS, until


async def joined(stage: Stage, channel: str) -> bool:
    """Whether the channel is heard from now on; not while the link is still being made."""
    with suppress(BrokerUnavailable):
        await stage.broker.join([channel])
        return True
    return False


async def test_the_author_sees_a_video_come_along_on_every_device(stage: Stage, node: Node) -> None:
    other, ann, ben = await stage.node(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    video = ben.id  # any id will do
    async with node.listen(ben) as phone, other.listen(ben) as desk, node.listen(ann) as follower:
        for status, progress in (("processing", 0.1), ("processing", 0.5), ("playable", 0.7), ("ready", 1.0)):
            stage.announcer.announce(VideoProgressed(video, ben.id, status, progress))  # type: ignore[arg-type]
        stage.announcer.announce(VideoProgressed(video, ben.id, "failed", 0.2, Failure("unreadable", "It is no video.")))
        for ear in (phone, desk):
            await ear.frame(lambda frame: frame.get("event") == "video.failed")
            events = [frame for frame in ear.frames if frame.get("event", "").startswith("video.")]
            assert [frame["event"] for frame in events] == [*["video.progress"] * 3, "video.ready", "video.failed"]
            assert [frame["data"]["progress"] for frame in events] == [0.1, 0.5, 0.7, 1.0, 0.2]
            assert {frame["position"] for frame in events} == {None}
            assert events[0]["data"] == {"id": str(video), "status": "processing", "progress": 0.1, "error": None}
            assert events[-1]["data"]["error"] == {"code": "unreadable", "detail": "It is no video."}
        await follower.answered()
        assert [frame["type"] for frame in follower.frames] == ["welcome", "pong"]


async def test_a_queued_job_wakes_a_worker(stage: Stage) -> None:
    await stage.broker.wait_for_poke("reelwire:jobs", 0.01)
    async with asyncio.timeout(LIMIT_SECONDS):
        while not await joined(stage, "reelwire:jobs"):
            await asyncio.sleep(0.01)
    stage.announcer.announce(JobQueued((await stage.somebody()).id))
    assert await stage.broker.wait_for_poke("reelwire:jobs", 60)


async def test_events_of_an_outage_are_dropped_with_one_line_and_later_ones_arrive(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with own_valkey(tmp_path) as server, staged(settings, server.url) as stage:
        node, ben = await stage.node(), await stage.somebody()
        async with node.listen(ben) as ear:
            await ear.answered()
            await server.kill()
            for _ in range(300):
                stage.announcer.announce(VideoProgressed(ben.id, ben.id, "processing", 0.1))
            await until(lambda: "events are dropped" in caplog.text)
            lines = caplog.text.count("events are dropped")
            await server.start()

            async def heard() -> bool:
                stage.announcer.announce(VideoProgressed(ben.id, ben.id, "ready", 1.0))
                await ear.answered()
                return any(frame.get("event") == "video.ready" for frame in ear.frames)

            while not await heard():
                pass
        assert lines == 1


async def test_an_event_that_nobody_knows_is_a_fault_but_fails_nobody(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    class Unknown(msgspec.Struct):
        pass

    with caplog.at_level(logging.ERROR):
        stage.announcer.announce(Unknown())
    assert "Unknown" in caplog.text


async def test_what_could_not_be_told_is_kept_for_some_time(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> None:
    announcer, video, account = BrokerAnnouncer(stage.broker), new_id(), new_id()
    announcer._touched.add(Unliked(video, account))
    assert announcer._is_due()
    for _ in range(2):
        announcer._keep(announcer._touched.taken())
    assert (len(announcer._touched.messages()), announcer._is_due()) == (1, False)
    monkeypatch.setattr(announce, "UNTOLD_SECONDS", -1.0)
    announcer._keep(announcer._touched.taken())
    assert not announcer._touched
