"""What an account is told of others: who follows it, comments on its videos and likes them, and what it is not told."""

import asyncio
import pkgutil
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from server.kit.invalidation import INVALIDATIONS
from server.live import notices
from server.live.limits import LIKE_SECONDS
from server.live.notices import Notices
from tests.server.live.stage import Clock, Node, Somebody, Stage
from tests.waiting import until


async def test_an_account_is_told_on_every_device_and_nobody_else(stage: Stage, node: Node) -> None:
    other = await stage.node()
    author, ann, ben = await stage.somebody(), await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with node.listen(author) as phone, other.listen(author) as desk, node.listen(ann) as hers, other.listen(ben) as his:
        for ear in (phone, desk, hers, his):
            await ear.answered()
        await his.watch(video_id)
        await stage.follow(ann, author)
        await stage.like(ann, video_id)
        comment_id = await stage.comment(ann, video_id, "hello")
        for ear in (phone, desk):
            follower = await ear.told("follower.new")
            assert (follower["id"], follower["viewer"]) == (str(ann.id), None)
            assert {"username", "display_name", "counts"} <= set(follower)
            like = await ear.told("like.on_yours")
            assert (like["video_id"], like["user"]["id"], like["likes"]) == (str(video_id), str(ann.id), 1)
            comment = await ear.told("comment.on_yours")
            assert (comment["id"], comment["author"]["id"], comment["text"]) == (str(comment_id), str(ann.id), "hello")
            assert ear.events("comment.created") == []
            assert {frame["position"] for frame in ear.frames if frame["type"] == "event"} == {None}
        await his.told("comment.created")
        for ear in (hers, his):
            await ear.answered()
            names = {frame.get("event") for frame in ear.frames}
            assert not names & {"follower.new", "like.on_yours", "comment.on_yours"}


async def test_what_one_does_oneself_or_again_is_not_told(stage: Stage, node: Node) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with node.listen(author) as ear:
        await ear.watch(video_id)
        await stage.like(author, video_id)
        await stage.comment(author, video_id)
        await ear.told("comment.created")
        for _ in range(2):
            await stage.follow(ann, author)
            await stage.like(ann, video_id)
        await stage.comment(ann, video_id, "the end")
        assert (await ear.told("comment.on_yours"))["text"] == "the end"
        await ear.told("like.on_yours")
        await ear.answered()
        for name in ("follower.new", "like.on_yours", "comment.on_yours"):
            assert len(ear.events(name)) == 1


class Held:
    """The notices of a node whose clock stands still, and which have a turn only when they are told to."""

    def __init__(self, node: Node) -> None:
        hub = node.gateway.hub
        self.clock = Clock()
        self.notices: Notices = hub._takers[notices.Noticed].__self__  # type: ignore[attr-defined]
        self.notices._clock = self.clock

    async def hold(self) -> None:
        waits = asyncio.Event()

        async def wait() -> None:
            waits.set()
            await asyncio.Event().wait()

        self.notices._wait = wait  # type: ignore[method-assign]
        self.notices._news.set()
        await waits.wait()

    async def turn(self, seconds: float = 0.0) -> None:
        self.clock.now += seconds
        await self.notices.turn()

    async def newest(self, author: Somebody, video_id: UUID, who: Somebody) -> None:
        """Wait until this account's like is the newest that waits."""

        def newest() -> bool:
            window = self.notices._windows.get((author.id, video_id))
            return window is not None and window.newest is not None and window.newest.account_id == who.id

        await self.waits(newest)

    async def waits(self, wanted: Callable[[], object]) -> None:
        await until(wanted, "what waits")


@pytest.fixture
async def held(node: Node) -> Held:
    found = Held(node)
    await found.hold()
    return found


async def test_the_first_like_is_told_at_once_and_the_newest_of_the_next_five_seconds_at_their_end(
    stage: Stage, node: Node, held: Held
) -> None:
    author, fans = await stage.somebody(), [await stage.somebody() for _ in range(4)]
    one, two = await stage.publish(author), await stage.publish(author)

    async with node.listen(author) as ear:
        await ear.answered()

        async def told() -> list[tuple[str, str, int]]:
            await ear.answered()
            return [(like["video_id"], like["user"]["id"], like["likes"]) for like in ear.events("like.on_yours")]

        await stage.like(fans[0], one)
        await held.newest(author, one, fans[0])
        await held.turn()
        expected = [(str(one), str(fans[0].id), 1)]
        assert await told() == expected
        for fan in fans[1:]:
            await stage.like(fan, one)
        await stage.like(fans[0], two)  # another video has another window
        await held.newest(author, one, fans[-1])
        await held.newest(author, two, fans[0])
        await held.turn(LIKE_SECONDS - 0.01)
        expected.append((str(two), str(fans[0].id), 1))
        assert await told() == expected
        await held.turn(0.02)
        expected.append((str(one), str(fans[-1].id), 4))
        assert await told() == expected
        await held.turn(LIKE_SECONDS)  # a window in which nothing came is the last one
        assert await told() == expected
        await held.turn(LIKE_SECONDS)
        assert not held.notices._windows
        await stage.unlike(fans[0], one)
        await stage.like(fans[0], one)
        await held.newest(author, one, fans[0])
        await held.turn()
        assert len(await told()) == len(expected) + 1


async def test_a_comment_that_is_gone_before_it_is_told_is_not_told(stage: Stage, node: Node, held: Held) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with node.listen(author) as ear:
        await ear.answered()
        short, stays = await stage.comment(ann, video_id), await stage.comment(ann, video_id)
        await held.waits(lambda: len(held.notices._waiting[author.id]) == 2)
        await stage.delete_comment(ann, short)
        await held.turn()
        await ear.answered()
        assert [one["id"] for one in ear.events("comment.on_yours")] == [str(stays)]


@pytest.mark.parametrize("what", ["block", "blocked", "delete"])
async def test_what_is_hidden_or_gone_before_it_is_told_is_not_told(stage: Stage, node: Node, held: Held, what: str) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with node.listen(author) as ear:
        await ear.answered()
        if what != "delete":
            await stage.follow(ann, author)
        await stage.like(ann, video_id)
        await stage.comment(ann, video_id)
        await held.newest(author, video_id, ann)
        await held.waits(lambda: len(held.notices._waiting[author.id]) == (1 if what == "delete" else 2))
        if what == "delete":
            await stage.delete(author, video_id)
        else:
            await stage.block(*((author, ann) if what == "block" else (ann, author)))
        await held.turn()
        await ear.answered()
        assert [frame["type"] for frame in ear.frames] == ["welcome", "pong", "pong"]


@pytest.mark.parametrize("what", ["block", "blocked"])
@pytest.mark.parametrize("slow", ["server.live.notices.profiles.users", "server.sight.queries.hidden_pairs"])
async def test_a_block_that_is_heard_of_while_news_are_read_comes_first(
    stage: Stage, node: Node, held: Held, monkeypatch: pytest.MonkeyPatch, what: str, slow: str
) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    heard: list[UUID] = []
    node.app[INVALIDATIONS].listen(lambda event: heard.append(event.account_id) if event.kind == "block" else None)
    read = pkgutil.resolve_name(slow)

    async def read_slowly(*asked: Any) -> Any:
        answer = await read(*asked)
        await stage.block(*((author, ann) if what == "block" else (ann, author)))
        await until(lambda: author.id in heard, "the block")
        return answer

    async with node.listen(author) as ear:
        await ear.answered()
        await stage.follow(ann, author)
        await held.waits(lambda: held.notices._waiting[author.id])
        with monkeypatch.context() as stall:
            stall.setattr(slow, read_slowly)
            await held.turn()
        await ear.answered()
        assert author.id in heard
        assert ear.events("follower.new") == []


async def test_what_a_session_holds_back_is_forgotten_with_a_block(stage: Stage, node: Node) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    async with node.listen(author) as ear:
        await ear.answered()
        (session,) = node.gateway.hub.presence
        session.hold()
        await stage.follow(ann, author)
        await until(lambda: session._held, "what is held")
        await stage.block(author, ann)
        await until(lambda: not session._held, "its end")
        session.release()
        await ear.answered()
        assert ear.events("follower.new") == []


async def test_news_that_cannot_be_read_do_not_end_those_that_follow(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(*_: object) -> None:
        raise ConnectionError("PostgreSQL is away")

    monkeypatch.setattr(notices, "RETRY_LAST_SECONDS", 0.02)
    author, ann, ben = await stage.somebody(), await stage.somebody(), await stage.somebody()
    async with node.listen(author) as ear:
        await ear.answered()
        with monkeypatch.context() as outage:
            outage.setattr("server.sight.queries.hidden_pairs", away)
            await stage.follow(ann, author)
            await until(lambda: "not told their news" in caplog.text)
        await stage.follow(ben, author)
        assert (await ear.told("follower.new"))["id"] == str(ben.id)


async def test_of_too_many_the_newest_are_told(stage: Stage, node: Node, held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "NOTICES_KEPT", 2)
    author, fans = await stage.somebody(), [await stage.somebody() for _ in range(4)]
    async with node.listen(author) as ear:
        await ear.answered()
        for fan in fans:
            await stage.follow(fan, author)
        await held.waits(lambda: [one.by for one in held.notices._waiting[author.id]] == [fan.id for fan in fans[-2:]])
        await held.turn()
        await ear.answered()
        assert [user["id"] for user in ear.events("follower.new")] == [str(fan.id) for fan in fans[-2:]]
