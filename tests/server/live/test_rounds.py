"""What watchers are shown, who of them, and how much at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from server.counts import queries as count_queries
from server.counts.wire import Change
from server.kit.work import work
from server.live import rounds
from server.live.batch import Batch
from server.live.limits import COMMENTS_A_ROUND, LIKE_SECONDS, ROUND_SECONDS
from server.live.rounds import Rounds
from server.live.session import Session
from server.live.watchers import Pending
from server.plays import actions as plays
from server.plays import jobs
from server.plays.wire import Watched
from server.videos import actions as videos
from storage.postgres import connection
from tests.server.live.stage import Clock, Late, Node, Somebody, Stage
from tests.sockets import Ear
from tests.waiting import until


def rounds_of(node: Node) -> Rounds:
    return node.gateway.watching._rounds


async def test_a_comment_is_told_to_those_who_watch_and_to_nobody_else(stage: Stage, node: Node) -> None:
    other = await stage.node()
    author, writer, follower, stranger, blocked, blocker = [await stage.somebody() for _ in range(6)]
    await stage.follow(follower, author)
    await stage.block(writer, blocked)
    await stage.block(blocker, writer)
    video_id, elsewhere = await stage.publish(author), await stage.publish(author)
    async with (
        node.listen(author) as authors,
        other.listen(writer) as writers,
        node.listen(follower) as followers,
        other.listen(stranger) as strangers,
        node.listen(blocked) as blockeds,
        other.listen(blocker) as blockers,
        node.listen(stranger) as somewhere_else,
    ):
        for ear in (authors, writers, blockeds, blockers):
            await ear.watch(video_id)
        await somewhere_else.watch(elsewhere)
        comment_id = await stage.comment(writer, video_id, "hello")
        for ear in (authors, writers):
            comment = await ear.told("comment.created")
            assert comment["id"] == str(comment_id)
            assert comment["video_id"] == str(video_id)
            assert comment["author"]["id"] == str(writer.id)
            assert comment["text"] == "hello"
        # To those whom a block hides from its writer the count is told, and nothing else.
        for ear in (blockeds, blockers):
            await until(lambda: [counts["comments"] for counts in ear.events("counts")[-1:]] == [1])  # noqa: B023
        await stage.delete_comment(author, comment_id)
        for ear in (authors, writers):
            assert await ear.told("comment.removed") == {"id": str(comment_id), "video_id": str(video_id)}
        for ear in (blockeds, blockers):
            await until(lambda: ear.events("counts")[-1]["comments"] == 0)  # noqa: B023
        for ear in (followers, strangers, blockeds, blockers, somewhere_else):
            await ear.answered()
            assert ear.events("comment.created") == ear.events("comment.removed") == []
        for ear in (followers, strangers):
            assert ear.events("counts") == []
        for ear in (authors, writers):
            await ear.answered()
            assert len(ear.events("comment.created")) == len(ear.events("comment.removed")) == 1
            events = [frame for frame in ear.frames if frame["type"] == "event"]
            assert {frame["position"] for frame in events} == {None}


async def test_counts_follow_likes_comments_views_and_watchers(stage: Stage, node: Node) -> None:
    author, ann, ben = await stage.somebody(), await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with node.listen(ann) as ear:
        assert await ear.watch(video_id) == counts(video_id)
        await stage.like(ben, video_id)
        await last(ear, counts(video_id, likes=1))
        await stage.unlike(ben, video_id)
        await last(ear, counts(video_id))
        comment_id = await stage.comment(ben, video_id)
        await last(ear, counts(video_id, comments=1))
        await stage.delete_comment(ben, comment_id)
        await last(ear, counts(video_id))
        await view(stage, ben, video_id)
        rounds_of(node)._viewed_at = float("-inf")
        rounds_of(node)._news.set()
        await last(ear, counts(video_id, views=1))
        async with node.listen(ben) as other:
            await other.watch(video_id)
            await last(ear, counts(video_id, views=1, watchers=2))
        await last(ear, counts(video_id, views=1))
        seen = ear.events("counts")
        assert all(one != other for one, other in pairwise(seen))


def counts(video_id: UUID, **others: int) -> dict[str, Any]:
    return {"video_id": str(video_id), "views": 0, "likes": 0, "comments": 0, "watchers": 1} | others


async def last(ear: Ear, wanted: dict[str, Any]) -> None:
    await until(lambda: ear.events("counts")[-1] == wanted, f"{wanted}, came: {ear.events('counts')[-3:]}")


async def view(stage: Stage, who: Somebody, video_id: UUID) -> None:
    watched = Watched(watched_ms=5000, completed=False, replays=0, source="link")
    async with work(stage.pool, stage.announcer, who.id) as w:
        await plays.watch(w, who.id, await videos.visible(w.conn, video_id, who.id), watched, limited=False)
    await jobs.fold(stage.pool)


# How much at once: the test holds the clock, and says when there is a turn


class Held:
    """The rounds of a node whose clock stands still, and which have a turn only when they are told to."""

    def __init__(self, node: Node) -> None:
        self.clock = Clock()
        self.node = node
        self.rounds = rounds_of(node)

    async def hold(self) -> None:
        self.rounds.clock = self.clock
        waits = asyncio.Event()

        async def wait() -> None:
            waits.set()
            await asyncio.Event().wait()

        self.rounds._wait = wait  # type: ignore[method-assign]
        self.rounds._news.set()  # from the wait that it was in to this one
        await waits.wait()

    @asynccontextmanager
    async def watching(self, who: Somebody, video_id: UUID) -> AsyncIterator[Ear]:
        """A session that has begun to watch, and everybody knows how many there are."""
        async with self.node.listen(who) as ear:
            await ear.watch(video_id)
            tallies = self.node.gateway.watching._tallies
            await until(lambda: not tallies._changed and not tallies._one_at_a_time.locked(), "the tally")
            yield ear

    async def turn(self, seconds: float = 0.0) -> None:
        """So much later."""
        self.clock.now += seconds
        await self.rounds.turn()

    async def waits(self, video_id: UUID, wanted: Callable[[Pending], object]) -> None:
        """Wait until this waits for the next round."""
        await until(lambda: (one := self.node.gateway.hub.watchers.get(video_id)) and wanted(one.pending), "what waits")


@pytest.fixture
async def held(node: Node, monkeypatch: pytest.MonkeyPatch) -> Held:
    monkeypatch.setattr(rounds, "ROUND_SECONDS", ROUND_SECONDS)
    found = Held(node)
    await found.hold()
    return found


def test_two_rounds_in_any_second_are_kept_although_messages_travel() -> None:
    assert 2 * ROUND_SECONDS > 1.3
    assert LIKE_SECONDS > 5.2


async def test_the_first_comment_comes_at_once_and_of_many_more_the_newest(stage: Stage, held: Held) -> None:
    author, writer = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with held.watching(author, video_id) as ear:
        await held.turn(ROUND_SECONDS)
        held.clock.now += ROUND_SECONDS
        first = await stage.comment(writer, video_id)
        await held.waits(video_id, lambda pending: pending.comments)
        await held.turn()
        assert (await ear.told("comment.created"))["id"] == str(first)
        many = [await stage.comment(writer, video_id, f"{number}") for number in range(COMMENTS_A_ROUND + 5)]
        await held.waits(video_id, lambda pending: many[-1] in pending.comments)
        await held.turn(ROUND_SECONDS * 0.9)
        await ear.answered()
        assert len(ear.events("comment.created")) == 1
        await held.turn(ROUND_SECONDS * 0.11)
        await ear.answered()
        assert [one["id"] for one in ear.events("comment.created")[1:]] == [str(one) for one in many[-COMMENTS_A_ROUND:]]
        assert [one["comments"] for one in ear.events("counts")] == [0, 1, len(many) + 1]
    assert await stage.pool.fetchval("SELECT count(*) FROM comment WHERE video_id = $1", video_id) == len(many) + 1


async def test_a_comment_that_is_deleted_before_its_round_is_not_shown(stage: Stage, held: Held) -> None:
    author = await stage.somebody()
    video_id = await stage.publish(author)
    async with held.watching(author, video_id) as ear:
        short, stays = await stage.comment(author, video_id), await stage.comment(author, video_id)
        await stage.delete_comment(author, short)
        await held.waits(video_id, lambda pending: short in pending.deleted)
        await held.turn()
        await ear.answered()
        assert [one["id"] for one in ear.events("comment.created")] == [str(stays)]
        assert [one["id"] for one in ear.events("comment.removed")] == [str(short)]


@pytest.mark.parametrize("together", [False, True], ids=["before it", "in the same round"])
async def test_a_comment_whose_end_is_announced_first_is_never_shown(stage: Stage, held: Held, together: bool) -> None:
    author, writer = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    late = Late(stage.announcer)
    async with held.watching(author, video_id) as ear:
        short = await replace(stage, announcer=late).comment(writer, video_id)
        await stage.delete_comment(author, short)
        await held.waits(video_id, lambda pending: short in pending.deleted)
        if not together:
            await held.turn(ROUND_SECONDS)
        late.let_go()
        stays = await stage.comment(writer, video_id)
        await held.waits(video_id, lambda pending: stays in pending.comments)  # and so does the other one
        await held.turn(ROUND_SECONDS)
        await ear.told("comment.created")
        await ear.answered()
        assert [one["id"] for one in ear.events("comment.created")] == [str(stays)]
        assert [one["id"] for one in ear.events("comment.removed")] == [str(short)]


async def test_a_comment_that_is_deleted_while_it_is_being_shown_is_removed_afterwards(
    stage: Stage, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = await stage.somebody()
    video_id = await stage.publish(author)
    async with held.watching(author, video_id) as ear:
        await held.turn(ROUND_SECONDS)
        short = await stage.comment(author, video_id)
        await held.waits(video_id, lambda pending: pending.comments)
        shown = held.rounds._show

        async def show_later(*what: Any) -> None:
            await stage.delete_comment(author, short)
            await held.waits(video_id, lambda pending: short in pending.deleted)
            await shown(*what)

        with monkeypatch.context() as stall:
            stall.setattr(held.rounds, "_show", show_later)
            await held.turn(ROUND_SECONDS)
        await held.turn(ROUND_SECONDS)
        await ear.told("comment.removed")
        names = [frame["event"] for frame in ear.frames if str(frame.get("event")).startswith("comment")]
        assert names == ["comment.created", "comment.removed"]


async def test_what_comes_to_the_same_is_not_told(stage: Stage, held: Held) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    old = await stage.comment(ann, video_id)
    async with held.watching(author, video_id) as ear:
        await held.turn(ROUND_SECONDS)
        await stage.like(ann, video_id)
        await stage.unlike(ann, video_id)
        await stage.comment(ann, video_id)
        await held.waits(video_id, lambda pending: pending.comments)  # and so the likes
        # Of which the news does not come in time.
        await stage.pool.execute("DELETE FROM comment WHERE video_id = $1 AND id = $2", video_id, old)
        async with connection(stage.pool) as conn:
            await count_queries.append(conn, [Change(video_id, "comment", -1)])
        await held.turn(ROUND_SECONDS)
        await ear.told("comment.created")
        assert len(ear.events("counts")) == 1


async def test_who_has_just_begun_to_watch_gets_no_more_than_the_others(stage: Stage, held: Held) -> None:
    author, ann, ben = await stage.somebody(), await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with held.watching(author, video_id) as early:
        await held.turn(ROUND_SECONDS)
        held.clock.now += ROUND_SECONDS - 0.1
        async with held.watching(ann, video_id) as late:
            await stage.like(ben, video_id)
            await held.waits(video_id, lambda pending: pending.counts)
            await held.turn(0.101)
            await early.told("counts", 2)
            await late.answered()
            assert len(late.events("counts")) == 1  # 0.1 s after its first ones
            await held.turn(ROUND_SECONDS)
            for ear in (early, late):
                await ear.answered()
                assert [one["likes"] for one in ear.events("counts")] == [0, 1]


async def test_while_postgresql_is_away_comments_wait(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(*_: object) -> None:
        raise ConnectionError("PostgreSQL is away")

    monkeypatch.setattr(rounds, "RETRY_LAST_SECONDS", 0.02)
    author = await stage.somebody()
    video_id = await stage.publish(author)
    async with node.listen(author) as ear:
        await ear.watch(video_id)
        with monkeypatch.context() as outage:
            outage.setattr(rounds, "read_counts", away)
            first, second = await stage.comment(author, video_id), await stage.comment(author, video_id)
            await until(lambda: "watchers have to wait" in caplog.text)
            await stage.delete_comment(author, second)
            watched = node.gateway.hub.watchers.get(video_id)
            assert watched is not None
            await until(lambda: second in watched.pending.deleted, "the deletion")
            await ear.answered()
            assert ear.events("comment.created") == []
        await ear.told("comment.removed")
        assert [one["id"] for one in ear.events("comment.created")] == [str(first)]
    assert caplog.text.count("watchers have to wait") == 1


async def test_a_process_that_does_not_know_what_is_hidden_shows_nothing(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "POLL_SECONDS", 0.02)
    author = await stage.somebody()
    video_id = await stage.publish(author)
    async with node.listen(author) as ear:
        await ear.watch(video_id)
        with monkeypatch.context() as silence:
            silence.setattr("server.kit.invalidation.BELIEVED_SECONDS", -1.0)
            comment_id = await stage.comment(author, video_id)
            watched = node.gateway.hub.watchers.get(video_id)
            assert watched is not None
            await until(lambda: watched.pending.comments, "the comment")
            await ear.answered()
            assert ear.events("comment.created") == []
        assert (await ear.told("comment.created"))["id"] == str(comment_id)


async def test_a_round_is_one_write_for_each_session(stage: Stage, held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    author = await stage.somebody()
    video_id = await stage.publish(author)
    async with held.watching(author, video_id) as ear:
        await held.turn(ROUND_SECONDS)
        for _ in range(5):
            await stage.comment(author, video_id)
        await held.waits(video_id, lambda pending: len(pending.comments) == 5)
        (session,) = held.node.gateway.hub.presence
        written: list[Batch] = []
        take = Session.take

        def noting(session: Session, batch: Batch) -> None:
            written.append(batch)
            take(session, batch)

        monkeypatch.setattr(Session, "take", noting)
        await held.turn(ROUND_SECONDS)
        assert [(len(batch.events), bool(batch.joined)) for batch in written] == [(6, True)]
        await ear.told("comment.created", 5)
        await ear.told("counts", 2)
        assert session.open


async def test_who_holds_back_gets_all_of_it_later(stage: Stage, held: Held) -> None:
    author, writer = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with held.watching(author, video_id) as ear:
        (session,) = held.node.gateway.hub.presence
        session.hold()
        await stage.comment(writer, video_id)
        await held.waits(video_id, lambda pending: pending.comments)
        await held.turn(ROUND_SECONDS)
        await ear.answered()
        assert ear.events("comment.created") == []
        session.release()
        await ear.told("comment.created")
        await ear.told("counts", 2)


async def test_rounds_pass_by_who_holds_back_a_lot_and_the_counts_are_told_later(stage: Stage, held: Held) -> None:
    author, ann = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(author)
    async with held.watching(ann, video_id) as ear:
        (session,) = held.node.gateway.hub.presence
        session.hold()
        session._budget = 2000
        for _ in range(9):
            comment_id = await stage.comment(author, video_id)
            await held.waits(video_id, lambda pending: comment_id in pending.comments)  # noqa: B023 - awaited in this round
            await held.turn(ROUND_SECONDS)
        held_back = len([event for event in session._held or () if b"comment.created" in event.frame])
        assert 1 < held_back < 9
        assert session.open
        session.release()
        await held.turn(ROUND_SECONDS)
        await ear.answered()
        assert len(ear.events("comment.created")) == held_back
        assert ear.events("counts")[-1]["comments"] == 9
