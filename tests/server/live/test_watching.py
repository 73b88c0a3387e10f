"""Watching a video by command: who may, how many at once, and that nothing of it stays behind."""

import asyncio
from itertools import count
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession

from server.kit.idempotency import KEY
from server.kit.ids import new_id
from server.live import rounds, tallies, watching
from server.live.wire import WriteComment
from tests.server.live.stage import Node, Stage, position_now
from tests.sockets import Ear
from tests.waiting import until


async def test_the_counts_come_first_after_the_ack(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(ben)
    await stage.like(ann, video_id)
    await stage.comment(ann, video_id)
    async with node.listen(ann) as ear:
        await ear.say(type="watch", video_id=str(video_id), id=7)  # the first message, while live events are held back
        await ear.told("counts")
    counts = {"video_id": str(video_id), "views": 0, "likes": 1, "comments": 1, "watchers": 1}
    assert ear.frames[1:3] == [
        {"type": "ack", "id": 7, "data": {}},
        {"type": "event", "event": "counts", "position": None, "data": counts},
    ]


async def test_the_counts_come_later_where_it_is_being_asked_who_may_see_the_video(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "TALLY_SECONDS", 600)  # nothing else speaks of the counts
    node, ann = await stage.node(), await stage.somebody()
    video_id = await stage.publish(ann)
    async with node.listen(ann) as first, node.listen(ann) as second:  # of one account, so that no number changes
        await first.watch(video_id)
        watched = node.gateway.hub.watchers.get(video_id)
        assert watched is not None
        await until(lambda: not watched.pending, "the round of the first one")
        watched.doubtful = True
        assert (await second.command(type="watch", video_id=str(video_id)))["type"] == "ack"
        await second.answered()
        assert second.events("counts") == []
        node.gateway.watching._rounds.settled(watched)
        assert (await second.told("counts"))["watchers"] == 1


async def test_whoever_watches_again_is_told_the_counts_again_but_no_oftener_than_others(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await stage.somebody()
    video_id = await stage.publish(await stage.somebody())
    monkeypatch.setattr("server.live.watching.ROUND_SECONDS", 0.02)
    async with node.listen(ann) as ear:
        first, second = await ear.watch(video_id), await ear.watch(video_id)
        assert first == second
        assert len(node.gateway.hub.watchers) == 1
        for name in ("watching", "rounds"):
            monkeypatch.setattr(f"server.live.{name}.ROUND_SECONDS", 3600.0)
        for _ in range(20):
            assert (await ear.command(type="watch", video_id=str(video_id)))["type"] == "ack"
        await ear.answered()
        assert len(ear.events("counts")) == 2


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("absent", "not_found"),
        ("private", "not_found"),
        ("followers", "not_found"),
        ("blocks", "not_found"),
        ("blocked", "not_found"),
        ("deleted", "not_found"),
        ("mine, not playable", "not_playable"),
        ("theirs, not playable", "not_found"),
        ("no id", "invalid"),
    ],
)
async def test_what_may_not_be_watched(stage: Stage, node: Node, case: str, code: str) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    video_id: Any = await stage.publish(ben, visibility="followers" if case == "followers" else "public")
    match case:
        case "absent":
            video_id = new_id()
        case "private":
            await stage.edit(ben, video_id, visibility="private")
        case "blocks":
            await stage.block(ann, ben)
        case "blocked":
            await stage.block(ben, ann)
        case "deleted":
            await stage.delete(ben, video_id)
        case "mine, not playable" | "theirs, not playable":
            video_id = await stage.begin(ann if case.startswith("mine") else ben)
        case "no id":
            video_id = "no id"
    async with node.listen(ann) as ear:
        answer = await ear.command(type="watch", video_id=str(video_id))
        assert (answer["type"], answer.get("code")) == ("error", code)
        await ear.answered()
        assert ear.events("counts") == []
    assert len(node.gateway.hub.watchers) == 0


@pytest.mark.parametrize("case", ["followers", "private of one's own"])
async def test_what_may_be_watched_although_it_is_not_public(stage: Stage, node: Node, case: str) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    video_id = await stage.publish(ben, visibility="followers" if case == "followers" else "public")
    if case != "followers":
        await stage.edit(ben, video_id, visibility="private")
    async with node.listen(ann if case == "followers" else ben) as ear:
        assert (await ear.watch(video_id))["watchers"] == 1


async def test_four_at_once_and_room_for_another_by_unwatching(stage: Stage, node: Node) -> None:
    ben = await stage.somebody()
    ids = [await stage.publish(ben) for _ in range(5)]
    async with node.listen(await stage.somebody()) as ear:
        for video_id in ids[:4]:
            await ear.watch(video_id)
        await ear.watch(ids[0])  # again is not one more
        refused = await ear.command(type="watch", video_id=str(ids[4]))
        assert refused["code"] == "too_many_watched"
        assert (await ear.command(type="unwatch", video_id=str(ids[0])))["type"] == "ack"
        await ear.watch(ids[4])


async def test_unwatching_what_is_not_watched_is_fine(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        assert (await ear.command(type="unwatch", video_id=str(new_id())))["data"] == {}


async def test_what_is_refused_takes_none_of_the_four_places(stage: Stage, node: Node) -> None:
    ben = await stage.somebody()
    async with node.listen(await stage.somebody()) as ear:
        for _ in range(5):
            assert (await ear.command(type="watch", video_id=str(new_id())))["code"] == "not_found"
        for _ in range(4):
            await ear.watch(await stage.publish(ben))


async def test_after_unwatching_nothing_more_arrives(stage: Stage, node: Node) -> None:
    ann, ben, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(ben)
    async with node.listen(ann) as hers, node.listen(cat) as others:
        await hers.watch(video_id)
        await others.watch(video_id)
        await hers.command(type="unwatch", video_id=str(video_id))
        before = len(hers.frames)
        await stage.comment(ben, video_id)
        await others.told("comment.created")
        await hers.answered()
        assert [frame["type"] for frame in hers.frames[before:]] == ["pong"]


async def test_nothing_stays_behind_of_a_session_that_watched(stage: Stage, node: Node) -> None:
    ben = await stage.somebody()
    ids = [await stage.publish(ben) for _ in range(3)]
    async with node.listen(await stage.somebody()) as ear:
        for video_id in ids:
            await ear.watch(video_id)
        ear.cut()
        await until(lambda: len(node.gateway.hub.watchers) == 0, "the end of the watching")
    async with node.listen(await stage.somebody()) as ear:
        await ear.watch(ids[0])
        await ear.say(type="watch", video_id=str(ids[1]))
        ear.cut()  # while it is being asked whether it may
        await until(lambda: len(node.gateway.hub.watchers) == 0 and len(node.gateway.hub.presence) == 0, "the end of everything")


async def test_live_events_of_what_is_watched_wait_for_a_replay(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    position = await position_now(node, ann)
    missed = await stage.publish(ben)
    await node.applied(missed)
    async with stage.pool.acquire() as conn, conn.transaction():
        node.gateway.hub.bodies.drop(missed)
        await conn.execute("LOCK TABLE rendition IN ACCESS EXCLUSIVE MODE")  # what the replay has to read
        async with node.listen(ann, resume=position) as ear:
            assert (await ear.command(type="watch", video_id=str(missed)))["type"] == "ack"
            await conn.execute("SELECT 1")
            await ear.answered()
            assert ear.events("counts") == []
            assert ear.videos == []
            await conn.execute("ROLLBACK")
            await ear.told("counts")
            names = [frame.get("event", frame["type"]) for frame in ear.frames]
            assert names.index("video.published") < names.index("caught_up") < names.index("counts")
            await conn.execute("BEGIN")


async def test_a_comment_is_answered_with_itself_and_is_stored(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(ben)
    async with node.listen(ann) as ear:
        answer = await ear.command(type="comment", video_id=str(video_id), text="  Grüße 😀\u3000", key="one")
        assert answer["type"] == "ack"
        data = answer["data"]
        assert (data["text"], data["video_id"], data["author"]["id"]) == ("Grüße 😀", str(video_id), str(ann.id))
        row = await stage.pool.fetchrow("SELECT id, text FROM comment WHERE video_id = $1", video_id)
        assert row is not None
        assert (str(row["id"]), row["text"]) == (data["id"], "Grüße 😀")


async def test_a_comment_that_is_sent_again_is_stored_once_by_whichever_way_it_comes(stage: Stage, node: Node) -> None:
    ann, video_id = await stage.somebody(), await stage.publish(await stage.somebody())
    message = {"type": "comment", "video_id": str(video_id), "text": "well", "key": "one"}
    url, headers = (
        f"{node.url}/api/v1/videos/{video_id}/comments",
        {"Authorization": f"Bearer {ann.token}", "Idempotency-Key": "one"},
    )
    async with node.listen(ann) as ear, ClientSession() as http:
        first = await ear.command(**message)
        assert (await ear.command(**message))["data"] == first["data"]
        async with http.post(url, json={"text": "well"}, headers=headers) as answer:
            assert answer.status == 201
            assert await answer.json() == first["data"]
        other = await ear.command(**message | {"text": "other"})
        assert other["code"] == "key_reused"
    async with node.listen(ann) as ear:  # after a break, as when the answer was lost
        assert (await ear.command(**message))["data"] == first["data"]
    assert await stage.pool.fetchval("SELECT count(*) FROM comment WHERE video_id = $1", video_id) == 1


def test_keys_are_those_of_http() -> None:
    (key,) = [field for field in msgspec.structs.fields(WriteComment) if field.name == "key"]
    assert key.type.__metadata__[0].pattern == f"^{KEY.pattern}$"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"text": " \u2003"}, "invalid"),
        ({"text": "x" * 161}, "invalid"),
        ({"text": "\x00"}, "invalid"),
        ({"text": 5}, "invalid"),
        ({"key": ""}, "invalid"),
        ({"key": "ü"}, "invalid"),
        ({"key": "x" * 256}, "invalid"),
        ({"more": 1}, "invalid"),
        ({"video_id": str(new_id())}, "not_found"),
        ({"video_id": "no id"}, "invalid"),
    ],
)
async def test_a_comment_keeps_to_the_rules(stage: Stage, node: Node, wrong: dict[str, object], code: str) -> None:
    video_id = await stage.publish(await stage.somebody())
    async with node.listen(await stage.somebody()) as ear:
        message = {"type": "comment", "video_id": str(video_id), "text": "well", "key": "one"} | wrong
        answer = await ear.command(**message)
        assert (answer["type"], answer.get("code")) == ("error", code)
    assert await stage.pool.fetchval("SELECT count(*) FROM comment WHERE video_id = $1", video_id) == 0


async def test_nobody_comments_on_what_does_not_play_or_is_hidden(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    own, hidden = await stage.begin(ann), await stage.publish(ben, visibility="followers")
    async with node.listen(ann) as ear:

        async def code(video_id: object, text: str) -> str:
            return str((await ear.command(type="comment", video_id=str(video_id), text=text, key="one"))["code"])

        assert await code(own, "well") == "not_playable"
        assert await code(hidden, "well") == "not_found"
        assert await code(hidden, "") == "not_found"  # first whether there is such a thing


@pytest.mark.parametrize("change", ["private", "followers", "delete", "block", "blocked"])
async def test_a_change_at_the_same_moment_as_a_watch_ends_it_or_refuses_it(stage: Stage, node: Node, change: str) -> None:
    for _ in range(5):
        ann, ben = await stage.somebody(), await stage.somebody()
        video_id = await stage.publish(ben)
        async with node.listen(ann) as ear, node.listen(ben) as his:
            await asyncio.gather(ear.answered(), his.answered())

            async def changed() -> None:
                if change == "delete":
                    await stage.delete(ben, video_id)  # noqa: B023 - awaited in this round
                elif change == "block":
                    await stage.block(ann, ben)  # noqa: B023
                elif change == "blocked":
                    await stage.block(ben, ann)  # noqa: B023
                else:
                    await stage.edit(ben, video_id, visibility=change)  # noqa: B023

            answer, _ = await asyncio.gather(ear.command(type="watch", video_id=str(video_id)), changed())
            await over(ear, node)
            removed = ear.events("video.removed")
            assert removed == ([{"id": str(video_id)}] if answer["type"] == "ack" else [])
            before = len(ear.frames)
            if change != "delete":
                await his.watch(video_id)
                await stage.comment(ben, video_id)
                await his.told("comment.created")
                await ear.answered()
                assert [frame["type"] for frame in ear.frames[before:]] == ["pong"]


@pytest.mark.parametrize("change", ["unfollow", "block", "blocked", "private", "delete"])
async def test_a_change_right_after_it_was_asked_who_may_see_the_video_counts(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    video_id = await stage.publish(ben, visibility="followers")
    hub, read, times = node.gateway.hub, rounds.read_counts, count()

    async def changed_before(*what: Any) -> None:
        await (read(*what) if next(times) else changed(*what))

    async def changed(*what: Any) -> None:
        audience, watched = hub.presence.audience(ann.id), hub.watchers.get(video_id)
        assert audience is not None
        assert watched is not None
        before = audience.changes + watched.changes
        match change:
            case "unfollow":
                await stage.unfollow(ann, ben)
            case "block":
                await stage.block(ann, ben)
            case "blocked":
                await stage.block(ben, ann)
            case "private":
                await stage.edit(ben, video_id, visibility="private")
            case _:
                await stage.delete(ben, video_id)
        heard = 2 if "block" in change else 1  # a block ends the follow as well
        await until(lambda: audience.changes + watched.changes == before + heard, "the news")
        await until(lambda: not audience.doubts and not watched.doubtful, "the end of all doubt")
        await read(*what)

    async with node.listen(ann) as ear:
        await ear.answered()
        monkeypatch.setattr(watching, "read_counts", changed_before)
        assert (await ear.command(type="watch", video_id=str(video_id)))["code"] == "not_found"
        await ear.answered()
        assert ear.events("counts") == []
        assert len(hub.watchers) == 0


async def over(ear: Ear, node: Node) -> None:
    """Wait until nobody watches anything."""
    await until(lambda: len(node.gateway.hub.watchers) == 0, "the end of the watch")
    await ear.answered()
