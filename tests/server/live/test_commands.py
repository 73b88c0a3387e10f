"""Commands: each is answered, and a client that only errs is sent away."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from server.comments import actions as comments
from server.kit import kept
from server.kit.limiter import LIMITER
from server.kit.limits import COMMENTS
from server.live import commands
from server.live.limits import WRITE_BYTES
from server.plays import actions as plays
from server.plays import jobs
from server.plays import queries as play_queries
from storage.postgres import connection
from tests.server.live.stage import Node, Stage, both_ways
from tests.waiting import until

pytestmark = both_ways


async def error(node: Node, stage: Stage, message: str | bytes) -> dict[str, Any]:
    async with node.listen(await stage.somebody()) as ear:
        await ear.wire.send(message)
        found: dict[str, Any] = await ear.of_type("error")
        return found


async def test_a_ping_is_answered_with_its_number(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        await ear.say(type="ping", id=7)
        assert await ear.of_type("pong") == {"type": "pong", "id": 7}


async def test_a_protocol_ping_is_answered_with_its_payload(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        await (await ear.wire.ping(b"are you there"))


@pytest.mark.parametrize(
    ("message", "code", "number"),
    [
        ("{", "bad_json", None),
        ("[]", "bad_json", None),
        ('"ping"', "bad_json", None),
        ("NaN", "bad_json", None),
        ("[" * 2000, "bad_json", None),
        ('{"id": 1}', "invalid", 1),
        ('{"type": 5, "id": 1}', "invalid", 1),
        ('{"type": "dance", "id": 2}', "unknown_type", 2),
        ('{"type": "ping", "id": "one"}', "invalid", None),
        ('{"type": "ping", "id": 1e400}', "invalid", None),
        ('{"type": "ping", "id": true}', "invalid", None),
        ('{"type": "ping", "id": 99999999999999999999999}', "invalid", None),
        ('{"type": "ping", "id": 3, "more": 1}', "invalid", 3),
        ('{"type": "resume"}', "invalid", None),
        ('{"type": "resume", "position": 5}', "invalid", None),
        ('{"type": "auth", "token": "not.a.token", "id": 4}', "invalid_token", 4),
        ('{"type": "auth", "id": 5, "token": "\\ud800"}', "invalid", 5),
        ('{"type": "view", "id": 6}', "invalid", 6),
        ('{"type": "view", "id": 6, "views": {}}', "invalid", 6),
        ('{"type": "view", "id": 6, "views": [], "more": 1}', "invalid", 6),
        (b'{"type": "ping", "id": 1}', "text_only", None),
    ],
)
async def test_what_is_wrong_is_told_with_a_code(
    stage: Stage, node: Node, message: str | bytes, code: str, number: int | None
) -> None:
    answer = await error(node, stage, message)
    assert (answer["code"], answer["id"]) == (code, number)
    assert answer["detail"]


async def test_only_the_first_message_can_resume(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        await ear.answered()
        await ear.say(type="resume", position=ear.position)
        assert (await ear.of_type("error"))["code"] == "resume_too_late"


async def test_the_tenth_error_in_a_minute_ends_the_session(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        for _ in range(9):
            await ear.wire.send("no")
        await ear.answered()
        await ear.wire.send("no")
        assert (await ear.closed())[0] == 4008
        assert [frame["type"] for frame in ear.frames].count("error") == 10


async def test_a_message_over_the_limit_ends_the_session(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        await ear.wire.send('{"type": "ping", "id": 1}'.ljust(4096))
        await ear.of_type("pong")
        await ear.wire.send('{"type": "ping", "id": 1}'.ljust(4097))
        assert (await ear.closed())[0] == 1009


async def test_fragments_cannot_pass_the_limit_together(stage: Stage, node: Node) -> None:
    async with node.listen(await stage.somebody()) as ear:
        await ear.wire.send(["x" * 2000] * 3)
        assert (await ear.closed())[0] == 1009


def view(video: object, **told: object) -> dict[str, object]:
    return {"video_id": str(video), "watched_ms": 2500, "completed": True, "replays": 0, "source": "following"} | told


async def views(stage: Stage, video_id: UUID) -> int:
    await jobs.fold(stage.pool)
    async with connection(stage.pool) as conn:
        return (await play_queries.counts(conn, [video_id])).get(video_id, 0)


async def test_views_of_a_whole_swipe_session_are_one_message(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    ids = [await stage.publish(ben) for _ in range(30)]
    async with node.listen(ann) as ear:
        message = {"type": "view", "id": 3, "views": [view(i, watched_ms=86_400_000, replays=1000) for i in ids]}
        await ear.wire.send(json.dumps(message, separators=(",", ":")))  # it fits the limit of a message
        assert await ear.of_type("ack") == {"type": "ack", "id": 3, "data": {}}
    assert [await views(stage, video_id) for video_id in ids] == [1] * 30


@pytest.mark.parametrize(
    "wrong", [{"watched_ms": -1}, {"source": "latest"}, {"more": 1}, {"video_id": "no id"}, {"completed": None}]
)
async def test_one_bad_view_refuses_the_message_and_nothing_is_kept(stage: Stage, node: Node, wrong: dict[str, object]) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    video_id = await stage.publish(ben)
    async with node.listen(ann) as ear:
        await ear.say(type="view", id=4, views=[view(video_id), view(video_id, **wrong)])
        refused = await ear.of_type("error")
        assert (refused["code"], refused["id"]) == ("invalid", 4)
        assert f"views[1].{next(iter(wrong))}" in refused["detail"] or "more" in wrong
        await ear.say(type="view", id=5, views=[view(video_id) | {"source": "link"}] * 31)
        await ear.frame(lambda frame: frame.get("id") == 5 and frame["type"] == "error")
    assert await views(stage, video_id) == 0
    assert await stage.pool.fetchval("SELECT count(*) FROM play WHERE account_id = $1", ann.id) == 0


async def test_hidden_and_absent_videos_are_acknowledged_as_all_others(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    shown, hidden, deleted = [await stage.publish(ben, visibility=v) for v in ("public", "followers", "public")]
    await stage.delete(ben, deleted)
    async with node.listen(ann) as ear:
        for number, told in enumerate(([hidden], [deleted], [shown, hidden, deleted], []), start=1):
            await ear.say(type="view", id=number, views=[view(video_id) for video_id in told])
        await ear.answered()
        acks = [frame for frame in ear.frames if frame["type"] in ("ack", "error")]
        assert acks == [{"type": "ack", "id": number, "data": {}} for number in (1, 2, 3, 4)]
    assert await stage.pool.fetchval("SELECT array_agg(video_id) FROM play WHERE account_id = $1", ann.id) == [shown]


async def test_who_tells_too_many_views_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plays, "MOST_REPORTS", 2)
    stage.settings = replace(stage.settings, rate_limits=True)
    node, ann = await stage.node(), await stage.somebody()
    video_id = await stage.publish(await stage.somebody())
    async with node.listen(ann) as ear:
        await ear.say(type="view", id=1, views=[view(video_id)] * 3)
        assert (await ear.of_type("error"))["code"] == "quota_exceeded"
        await ear.say(type="view", id=2, views=[view(video_id)] * 2)
        assert (await ear.of_type("ack"))["id"] == 2


def _answers(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [frame for frame in frames if frame["type"] in ("ack", "error")]


@pytest.mark.parametrize("size", [500, WRITE_BYTES])
async def test_what_becomes_of_comments_that_come_together_is_told_in_their_order(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(commands, "WRITE_BYTES", size)  # of answers in one write
    video_id = await stage.publish(await stage.somebody())
    async with node.listen(await stage.somebody()) as ear:
        for number in range(30):
            text = "" if number % 7 == 3 else f"no. {number}"
            await ear.say(type="comment", id=number, video_id=str(video_id), text=text, key=f"key-{number}")
        await until(lambda: len(_answers(ear.frames)) == 30, "an answer to each")
        told = _answers(ear.frames)
    assert [one["id"] for one in told] == list(range(30))
    assert {one["id"] for one in told if one["type"] == "error"} == {3, 10, 17, 24}
    assert [one["data"]["text"] for one in told[:3]] == ["no. 0", "no. 1", "no. 2"]


async def test_comments_said_here_count_with_those_that_come_by_http(stage: Stage) -> None:
    stage.settings = replace(stage.settings, rate_limits=True, limits=("comments=2/86400",))
    node, ann = await stage.node(), await stage.somebody()
    video_id = await stage.publish(await stage.somebody())
    limiter = node.app[LIMITER]
    assert limiter is not None
    await limiter.take(COMMENTS, str(ann.id))
    async with node.listen(ann) as ear:
        answers = [await ear.command(type="comment", video_id=str(video_id), text="oh", key=f"key-{n}") for n in range(2)]
        assert [(answer["type"], answer.get("code")) for answer in answers] == [("ack", None), ("error", "rate_limited")]


async def test_views_that_cannot_be_kept_now_are_not_held_against_the_client(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise ConnectionError("PostgreSQL is away")

    video_id = await stage.publish(await stage.somebody())
    async with node.listen(await stage.somebody()) as ear:
        with monkeypatch.context() as outage:
            outage.setattr(plays, "watch_many", away)
            for number in range(12):
                await ear.say(type="view", id=number, views=[view(video_id)])
            await ear.answered()
        assert [frame["code"] for frame in ear.frames if frame["type"] == "error"] == ["unavailable"] * 12
        await ear.say(type="view", id=12, views=[view(video_id)])
        assert (await ear.of_type("ack"))["id"] == 12
    assert await views(stage, video_id) == 1


async def test_repeats_while_the_first_one_runs_are_not_held_against_the_client(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    video_id = await stage.publish(await stage.somebody())
    message = {"type": "comment", "video_id": str(video_id), "text": "well", "key": "one"}
    async with node.listen(ann) as ear:
        async with connection(stage.pool) as conn, conn.transaction():
            await kept.look(conn, kept.Place(ann.id, comments.path(video_id), "one"))  # as the first one does
            for _ in range(12):
                assert (await ear.command(**message))["code"] == "in_progress"
        assert (await ear.command(**message))["type"] == "ack"
