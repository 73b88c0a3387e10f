"""Whoever may not see something any more hears nothing more of it, whatever was under way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from server.kit.ids import new_id
from server.kit.invalidation import Invalidated
from server.live import access
from server.settings import Settings
from server.videos.wire import VideoEdited
from tests.server.live.stage import Node, Somebody, Stage, staged
from tests.sockets import Ear
from tests.valkeys import own_valkey
from tests.waiting import until

CHANGES = ["private", "followers", "delete", "block", "blocked"]


async def change(stage: Stage, what: str, author: Somebody, watcher: Somebody, video_id: UUID) -> None:
    """After this the watcher, who follows nobody, may not see the author's video."""
    match what:
        case "delete":
            await stage.delete(author, video_id)
        case "block":
            await stage.block(watcher, author)
        case "blocked":
            await stage.block(author, watcher)
        case _:
            await stage.edit(author, video_id, visibility=what)


@asynccontextmanager
async def watched(node: Node, who: Somebody, video_id: UUID) -> AsyncIterator[Ear]:
    async with node.listen(who) as ear:
        await ear.watch(video_id)
        yield ear


@pytest.mark.parametrize("what", CHANGES)
async def test_who_may_not_see_a_video_any_more_is_told_so_and_then_nothing(stage: Stage, node: Node, what: str) -> None:
    author, ann, ben = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ben, author)
    video_id = await stage.publish(author)
    other = await stage.node()
    async with (
        watched(node, ann, video_id) as hers,
        watched(other, ann, video_id) as again,
        watched(node, author, video_id) as own,
        watched(other, ben, video_id) as his,
    ):
        await change(stage, what, author, ann, video_id)
        for ear in (hers, again):
            assert await ear.told("video.removed") == {"id": str(video_id)}
        frames = [len(hers.frames), len(again.frames)]
        if what != "delete":
            comment_id = await stage.comment(author, video_id)
            assert (await own.told("comment.created"))["id"] == str(comment_id)
        else:
            await own.told("video.removed")
        if what in ("followers", "block", "blocked"):
            await his.told("comment.created")
            assert his.events("video.removed") == []
        else:
            await his.told("video.removed")
        for ear, before in zip((hers, again), frames, strict=True):
            await ear.answered()
            assert [frame["type"] for frame in ear.frames[before:]] == ["pong"]
    await until(lambda: not len(node.gateway.hub.watchers) and not len(other.gateway.hub.watchers))


async def test_an_unfollow_ends_the_watching_of_videos_for_followers_alone(stage: Stage, node: Node) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, author)
    public, restricted = await stage.publish(author), await stage.publish(author, visibility="followers")
    async with watched(node, ann, public) as ear:
        await ear.watch(restricted)
        await stage.unfollow(ann, author)
        assert await ear.told("video.removed") == {"id": str(restricted)}
        await stage.comment(author, restricted)
        comment_id = await stage.comment(author, public)
        await ear.told("comment.created")
        await ear.answered()
        assert [one["id"] for one in ear.events("comment.created")] == [str(comment_id)]


@pytest.mark.parametrize("what", ["private", "delete", "block", "blocked", "unfollow", "hides a writer", "hidden by a writer"])
async def test_what_is_under_way_or_held_back_is_dropped(stage: Stage, node: Node, what: str) -> None:
    author, ann, writer = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, author)
    await stage.follow(writer, author)
    video_id = await stage.publish(author, visibility="followers")
    await node.applied(video_id)  # else the publication itself may be held back
    async with watched(node, ann, video_id) as ear, watched(node, writer, video_id) as writers:
        (session,) = [one for one in node.gateway.hub.presence if one.account_id == ann.id]
        session.hold()
        first, second = await stage.comment(writer, video_id), await stage.comment(author, video_id)
        await writers.told("comment.created", 2)
        assert len(session._held or ()) > 1
        match what:
            case "unfollow":
                await stage.unfollow(ann, author)
            case "hides a writer":
                await stage.block(ann, writer)
            case "hidden by a writer":
                await stage.block(writer, ann)
            case _:
                await change(stage, what, author, ann, video_id)
        if "writer" in what:
            audience = node.gateway.hub.presence.audience(ann.id)
            assert audience is not None
            await until(lambda: writer.id in (audience.hidden or ()), "the block")
        else:
            await until(lambda: not session.watching and session._holds == 1, "the end of the watch")
        session.release()
        await ear.answered()
        heard = [one["id"] for one in ear.events("comment.created")]
        assert heard == ([str(second)] if "writer" in what else [])
        assert str(first) not in heard
        assert len(ear.events("video.removed")) == (0 if "writer" in what else 1)


async def test_comments_of_somebody_blocked_stop_and_come_back_when_the_block_ends(stage: Stage, node: Node) -> None:
    author, ann, ben = await stage.somebody(), await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with watched(node, ann, video_id) as hers, watched(node, ben, video_id) as his:
        audience = node.gateway.hub.presence.audience(ann.id)
        assert audience is not None
        for _ in range(3):
            await stage.block(ben, ann)
            await until(lambda: ben.id in (audience.hidden or ()), "the block")
            hidden = await stage.comment(ben, video_id)
            await his.frame(lambda frame: frame.get("data", {}).get("id") == str(hidden))  # noqa: B023
            await hers.answered()
            await stage.unblock(ben, ann)
            await until(lambda: ben.id not in (audience.hidden or ()), "the end of the block")
            shown = await stage.comment(ben, video_id)
            await hers.frame(lambda frame: frame.get("data", {}).get("id") == str(shown))  # noqa: B023
            assert str(hidden) not in [one["id"] for one in hers.events("comment.created")]


async def test_two_who_block_each_other_stay_hidden_until_both_have_ended_it(stage: Stage, node: Node) -> None:
    author, ann, ben = await stage.somebody(), await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    await stage.block(ben, ann)
    await stage.block(ann, ben)
    async with watched(node, ann, video_id) as hers, watched(node, author, video_id) as own:
        for number, (who, other) in enumerate(((ann, ben), (ben, ann)), start=1):
            await stage.comment(ben, video_id)
            await own.told("comment.created", number)
            await hers.answered()
            await stage.unblock(who, other)
        audience = node.gateway.hub.presence.audience(ann.id)
        assert audience is not None
        await until(lambda: not audience.hidden, "the end of both blocks")
        assert hers.events("comment.created") == []
        await stage.comment(ben, video_id)
        await hers.told("comment.created")


def access_of(node: Node) -> access.Access:
    (found,) = [one for one in node.gateway.doubts._listeners if isinstance(one.__self__, access.Access)]  # type: ignore[attr-defined]
    owner: access.Access = found.__self__  # type: ignore[attr-defined]
    return owner


async def test_blocks_and_comments_at_the_same_moment(stage: Stage, node: Node) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with watched(node, ann, video_id) as hers, watched(node, author, video_id) as own:
        for _ in range(10):
            ben = await stage.somebody()
            await asyncio.gather(stage.comment(ben, video_id), stage.block(ann, ben), stage.comment(ben, video_id))
            late = await stage.comment(ben, video_id)
            await own.frame(lambda frame: frame.get("data", {}).get("id") == str(late))  # noqa: B023
            await hers.answered()
            assert str(late) not in [one["id"] for one in hers.events("comment.created")]


@pytest.mark.parametrize("what", ["private", "block", "unfollow"])
async def test_it_counts_without_a_broker_at_the_next_poll(settings: Settings, tmp_path: Path, what: str) -> None:
    async with own_valkey(tmp_path) as server, staged(settings, server.url) as stage:
        node, ann, author = await stage.node(), await stage.somebody(), await stage.somebody()
        await stage.follow(ann, author)
        video_id = await stage.publish(author, visibility="followers")
        async with watched(node, ann, video_id) as ear:
            await server.kill()
            if what == "unfollow":
                await stage.unfollow(ann, author)
            else:
                await change(stage, what, author, ann, video_id)
            assert await ear.told("video.removed") == {"id": str(video_id)}
        await until(lambda: not len(node.gateway.hub.watchers))


@pytest.mark.parametrize("still", [True, False])
async def test_while_nobody_can_tell_who_may_see_it_nothing_is_shown(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, still: bool
) -> None:
    async def away(*_: object) -> None:
        raise ConnectionError("PostgreSQL is away")

    monkeypatch.setattr(access, "RETRY_LAST_SECONDS", 0.02)
    author, ann = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with watched(node, ann, video_id) as ear:
        with monkeypatch.context() as outage:
            outage.setattr("server.videos.queries.heads", away)
            access_of(node).hear(Invalidated(author.id, new_id(), "video", video_id))
            if not still:
                await stage.edit(author, video_id, visibility="private")
            comment_id = await stage.comment(author, video_id)
            one = node.gateway.hub.watchers.get(video_id)
            assert one is not None
            await until(lambda: one.pending.comments and "cannot be read" in caplog.text, "the comment")
            await ear.answered()
            assert ear.events("comment.created") == ear.events("video.removed") == []
        if still:
            assert (await ear.told("comment.created"))["id"] == str(comment_id)
        else:
            await ear.told("video.removed")
            await ear.answered()
            assert ear.events("comment.created") == []


async def test_an_edit_that_is_told_before_who_may_see_it_shows_nothing(stage: Stage, node: Node) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with watched(node, ann, video_id) as hers, watched(node, author, video_id) as own:
        await stage.pool.execute("UPDATE video SET visibility = 'private', title = 'a secret' WHERE id = $1", video_id)
        stage.announcer.announce(VideoEdited(video_id, author.id, ["title", "visibility"]))
        assert (await own.told("video.updated"))["title"] == "a secret"
        await hers.answered()
        assert hers.events("video.updated") == []
        access_of(node).hear(Invalidated(author.id, new_id(), "video", video_id))
        assert await hers.told("video.removed") == {"id": str(video_id)}


async def test_from_whom_too_many_are_hidden_no_comments_are_shown(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.live.watching.MOST_HIDDEN", 2)
    author, ann = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    for _ in range(3):
        await stage.block(await stage.somebody(), ann)
    async with watched(node, ann, video_id) as hers, watched(node, author, video_id) as own:
        await stage.comment(author, video_id)
        await own.told("comment.created")
        await until(lambda: hers.events("counts")[-1]["comments"] == 1, "the count")
        assert hers.events("comment.created") == []
