"""Who is told what of a video that changes: a matrix of changes and of those who might hear of it."""

import asyncio
from contextlib import AsyncExitStack
from types import SimpleNamespace
from uuid import UUID

import pytest

from server.kit.invalidation import invalidate
from server.kit.work import work
from server.live.batch import Batch
from server.live.session import Session
from server.posters import actions as posters
from server.videos import steps
from server.videos.wire import Failure, VideoWithdrawn, Visibility
from tests.server.live.stage import Node, Somebody, Stage
from tests.sockets import Ear, Frame
from tests.waiting import until

UPDATED, REMOVED, NOTHING = "video.updated", "video.removed", ""
LISTENERS = ("follower", "follower who watches", "stranger who watches", "stranger", "author who watches")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("public", "public", (UPDATED, UPDATED, UPDATED, NOTHING, UPDATED)),
        ("followers", "followers", (UPDATED, UPDATED, None, NOTHING, UPDATED)),
        ("private", "private", (NOTHING, None, None, NOTHING, UPDATED)),
        ("public", "followers", (UPDATED, UPDATED, REMOVED, NOTHING, UPDATED)),
        ("public", "private", (REMOVED, REMOVED, REMOVED, NOTHING, UPDATED)),
        ("followers", "public", (UPDATED, UPDATED, None, NOTHING, UPDATED)),
        ("followers", "private", (REMOVED, REMOVED, None, NOTHING, UPDATED)),
        ("private", "public", (UPDATED, None, None, NOTHING, UPDATED)),
        ("private", "followers", (UPDATED, None, None, NOTHING, UPDATED)),
        ("public", "deleted", (REMOVED, REMOVED, REMOVED, NOTHING, REMOVED)),
        ("followers", "deleted", (REMOVED, REMOVED, None, NOTHING, REMOVED)),
        ("private", "deleted", (NOTHING, None, None, NOTHING, REMOVED)),
    ],
)
async def test_to_whom_a_change_is_told(
    stage: Stage, node: Node, before: Visibility, after: str, expected: tuple[str | None, ...]
) -> None:
    """`None` where there can be nobody of the kind: who may not see a video does not watch it."""
    other = await stage.node()
    author, follower, stranger = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(follower, author)
    video_id = await stage.publish(author, "old")
    if before != "public":
        await stage.edit(author, video_id, visibility=before)
    marker = await stage.publish(author)
    async with AsyncExitStack() as stack:
        places = ((node, follower), (other, follower), (node, stranger), (other, stranger), (node, author))
        ears = [await stack.enter_async_context(where.listen(who)) for where, who in places]
        for kind, ear, wanted in zip(LISTENERS, ears, expected, strict=True):
            if "watches" in kind and wanted is not None:
                await ear.watch(video_id)
        await marked(stage, author, marker, "begin", *ears[:2])
        before_it = [len(of(ear, video_id)) for ear in ears]
        await change(stage, author, video_id, after)
        for kind, ear, wanted in zip(LISTENERS, ears, expected, strict=True):
            if wanted:
                await until(lambda: [one for one in of(ear, video_id) if one["event"] == wanted], f"{wanted} at the {kind}")  # noqa: B023
        await marked(stage, author, marker, "end", *ears[:2])
        for kind, ear, wanted, first in zip(LISTENERS, ears, expected, before_it, strict=True):
            await ear.answered()
            events = of(ear, video_id)[first:]
            if wanted is not None:
                assert [frame["event"] for frame in events] == ([wanted] if wanted else []), kind
            for frame in events:
                check(frame, before, after)


async def change(stage: Stage, author: Somebody, video_id: UUID, after: str) -> None:
    if after == "deleted":
        await stage.delete(author, video_id)
    else:
        await stage.edit(author, video_id, title="new", visibility=after)


async def marked(stage: Stage, author: Somebody, marker: UUID, title: str, *ears: Ear) -> None:
    """Wait until the author's followers have been told everything that was said before."""
    await stage.edit(author, marker, title=title)
    for ear in ears:
        await ear.frame(lambda frame: frame.get("event") == UPDATED and frame["data"].get("title") == title)


def of(ear: Ear, video_id: UUID) -> list[Frame]:
    """What was told of this video."""
    return [one for one in ear.frames if one.get("event") in (UPDATED, REMOVED) and one["data"]["id"] == str(video_id)]


def check(frame: Frame, before: str, after: str) -> None:
    """That it says what has changed."""
    assert frame["position"] is None
    fields = {"id"} if frame["event"] == REMOVED else {"id", "title"}
    if frame["event"] == UPDATED and before != after:
        fields |= {"visibility", "sources", "poster_url", "preview_url", "storyboard_url"}
        assert frame["data"]["visibility"] == after
    assert set(frame["data"]) == fields


async def test_what_is_published_only_now_is_not_told_as_a_change(stage: Stage, node: Node) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, author)
    video_id, marker = await stage.publish(author, visibility="private"), await stage.publish(author)
    async with node.listen(ann) as ear, node.listen(author) as own:
        await own.watch(video_id)
        await stage.edit(author, video_id, title="a secret")
        await own.told(UPDATED)
        await stage.edit(author, video_id, visibility="public")
        await ear.heard(video_id)
        await own.told(UPDATED, 2)
        await stage.edit(author, marker, title="done")
        assert (await ear.told(UPDATED)) == {"id": str(marker), "title": "done"}
        assert "a secret" not in str([frame for frame in ear.frames if frame.get("event") != "video.published"])


@pytest.mark.parametrize("end", ["delete", "edit"])
async def test_of_what_was_never_published_nobody_hears(stage: Stage, node: Node, end: str) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, author)
    hidden, begun = await stage.publish(author, visibility="private"), await stage.begin(author)
    marker = await stage.publish(author)
    async with node.listen(ann) as ear:
        await ear.answered()
        for video_id in (hidden, begun):
            if end == "delete":
                await stage.delete(author, video_id)
            else:
                await stage.edit(author, video_id, title="a secret", description="#so")
        await stage.edit(author, marker, title="done")
        await ear.told(UPDATED)
        await ear.answered()
        assert str(hidden) not in str(ear.frames)
        assert str(begun) not in str(ear.frames)


async def test_a_video_that_does_not_play_after_all_is_removed_everywhere(stage: Stage, node: Node) -> None:
    author, ann, ben = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, author)
    video_id = await stage.publish(author)
    async with node.listen(ann) as follower, node.listen(ben) as watcher, node.listen(author) as own:
        await follower.answered()
        await watcher.watch(video_id)
        await own.watch(video_id)
        async with work(stage.pool, stage.announcer, None) as w:
            await w.conn.execute("UPDATE author_video SET plays = false WHERE video_id = $1", video_id)
            assert await steps.withdrawn(w.conn, video_id, author.id, Failure("unreadable", "Damaged."))
            await invalidate(w, author.id, "video", video_id)
            w.emit(VideoWithdrawn(video_id, author.id))
        for ear in (follower, watcher, own):
            assert await ear.told(REMOVED) == {"id": str(video_id)}


async def test_an_edit_tells_what_has_changed_and_nothing_else(stage: Stage, node: Node) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, author)
    video_id = await stage.publish(author, "old")
    async with node.listen(ann) as ear:
        await ear.answered()
        await stage.edit(author, video_id, title="old", visibility="public")  # nothing
        await stage.edit(author, video_id, description="with #tags")
        assert await ear.told(UPDATED) == {"id": str(video_id), "description": "with #tags", "hashtags": ["tags"]}
        async with work(stage.pool, stage.announcer, author.id) as w:
            await posters.show(w, video_id, author.id, ("0/poster-a.jpg", "AAAA"), 0.0)
        poster = await ear.told(UPDATED, 2)
        assert set(poster) == {"id", "poster_url", "thumbhash"}
        assert poster["poster_url"].endswith("0/poster-a.jpg")
        assert poster["thumbhash"] == "AAAA"


async def test_a_follower_who_holds_back_is_told_nothing_of_what_is_hidden_meanwhile(stage: Stage, node: Node) -> None:
    author, ann, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, author, cat)
    video_id = await stage.publish(author)
    await node.applied(video_id)
    async with node.listen(ann) as ear:
        await ear.answered()
        (session,) = node.gateway.hub.presence
        for change in ("private", "unfollow"):
            session.hold()
            await stage.edit(author, video_id, visibility="public", title=f"a secret before {change}")
            await until(lambda: any(b"a secret" in one.frame for one in session._held or ()), "what is held")
            if change == "private":
                await stage.edit(author, video_id, visibility="private")
            else:
                await stage.unfollow(ann, author)
            await until(lambda: not any(b"a secret" in one.frame for one in session._held or ()), "its end")
            await until(lambda: session._holds == 1, "the end of the doubt")
            session.release()
            assert await ear.told(REMOVED) == {"id": str(video_id)}
            await ear.answered()
        assert "a secret" not in str(ear.frames)
        assert len(ear.events(REMOVED)) == 1


async def test_whether_a_follower_is_told_is_decided_when_it_is_their_turn(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, new, away, *fans = [await stage.somebody() for _ in range(6)]
    for fan in (away, *fans):
        await stage.follow(fan, author)
    video_id = await stage.publish(author)
    await node.applied(video_id)
    presence, told, take = node.gateway.hub.presence, list[UUID](), Session.take

    def noting(session: Session, batch: Batch) -> None:
        if b"video.updated" in batch.events[0].frame:
            told.append(session.account_id)
        take(session, batch)

    async with AsyncExitStack() as stack:
        ears = {one.id: await stack.enter_async_context(node.listen(one)) for one in (new, *fans)}
        for ear in ears.values():
            await ear.answered()

        async def much_happens(seconds: float) -> None:
            """Between the first one who is told and the next."""
            await asyncio.sleep(seconds)
            if len(told) == 1 and not left:
                left.append(next(fan for fan in fans if fan.id not in told))
                await stage.unfollow(left[0], author)
                await until(lambda: not presence.follows(left[0].id, author.id), "the end of a follow")
                await stage.follow(new, author)
                await until(lambda: presence.follows(new.id, author.id), "a follow")
                ears[away.id] = await stack.enter_async_context(node.listen(away))
                await ears[away.id].answered()

        left = list[Somebody]()
        monkeypatch.setattr(Session, "take", noting)
        monkeypatch.setattr("server.live.fanout.SLICE", 1)
        monkeypatch.setattr("server.live.fanout.asyncio", SimpleNamespace(sleep=much_happens))
        await stage.edit(author, video_id, title="new")
        await until(lambda: len(told) >= 4, "everybody")
        for ear in ears.values():
            await ear.answered()
        assert sorted(told) == sorted([new.id, away.id, *(fan.id for fan in fans if fan not in left)])
        assert [len(ear.events(UPDATED)) for ear in ears.values()] == [told.count(account_id) for account_id in ears]


async def test_what_is_hidden_while_a_change_is_told_is_told_to_nobody_else(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, *fans = [await stage.somebody() for _ in range(4)]
    for fan in fans:
        await stage.follow(fan, author)
    video_id = await stage.publish(author)
    await node.applied(video_id)
    hub, first, take = node.gateway.hub, list[UUID](), Session.take

    def noting(session: Session, batch: Batch) -> None:
        if b"a secret" in batch.events[0].frame:
            first.append(session.account_id)
        take(session, batch)

    async def hidden_after_the_first(seconds: float) -> None:
        await asyncio.sleep(seconds)
        if first and video_id not in hub._changed:
            await stage.hide(author, video_id)
            await until(lambda: video_id in hub._changed, "the end of the video")

    async with AsyncExitStack() as stack:
        ears = {fan.id: await stack.enter_async_context(node.listen(fan)) for fan in fans}
        for ear in ears.values():
            await ear.answered()
        monkeypatch.setattr(Session, "take", noting)
        monkeypatch.setattr("server.live.fanout.SLICE", 1)
        monkeypatch.setattr("server.live.fanout.asyncio", SimpleNamespace(sleep=hidden_after_the_first))
        await stage.edit(author, video_id, title="a secret")
        for account_id, ear in ears.items():
            assert await ear.told(REMOVED) == {"id": str(video_id)}
            assert len(ear.events(UPDATED)) == first.count(account_id)
        assert len(first) == 1


async def test_toggling_ends_as_it_is(stage: Stage, node: Node) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, author)
    video_id = await stage.publish(author)
    async with node.listen(ann) as ear:
        await ear.answered()
        for _ in range(5):
            await stage.edit(author, video_id, visibility="private")
            await stage.edit(author, video_id, visibility="followers")
            await stage.edit(author, video_id, visibility="public")
        await ear.frame(lambda frame: frame.get("event") == UPDATED and frame["data"].get("visibility") == "public")
        await stage.edit(author, video_id, title="done")
        await ear.frame(lambda frame: frame.get("data", {}).get("title") == "done")
        told = [frame for frame in ear.frames if frame.get("event") in (UPDATED, REMOVED)]
        shown = [frame["data"]["visibility"] for frame in told if "visibility" in frame["data"]]
        assert shown[-1] == "public"
        assert told[-1]["event"] == UPDATED
