"""Resuming: nothing is lost without a word, nothing comes twice, and what may not be seen does not come."""

import asyncio
import json
import random
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession

from server.live import queries
from server.live.clocks import PING
from server.live.limits import MOST_REPLAYED
from server.live.ring import Ring
from tests.server.live.stage import Node, Stage, both_ways, position_now
from tests.server.sockets.test_codes import upgrade_request
from tests.server.sockets.test_echo import TEXT, frame
from tests.sockets import Ear
from tests.waiting import LIMIT_SECONDS, until

MANY = """
INSERT INTO publication (author_id, video_id, published_at)
SELECT $1, gen_random_uuid(), clock_timestamp()
FROM generate_series(1, $2)
"""

FORGOTTEN = """
WITH gone AS (
    UPDATE event_log SET relayed_seq = last_seq, forgotten_seq = last_seq - 1 RETURNING forgotten_seq
)
DELETE FROM publication USING gone WHERE seq <= forgotten_seq
"""


async def caught_up(ear: Ear) -> dict[str, Any]:
    """The end of the replay, whose count must be right whatever else was sent."""
    frame = await ear.of_type("caught_up")
    replayed = ear.frames[: ear.frames.index(frame)]
    assert frame["missed"] == sum(f.get("event") == "video.published" for f in replayed)
    return frame


def from_postgres(node: Node) -> None:
    """As after a long absence: this process remembers nothing."""
    node.gateway.hub.ring = Ring(node.gateway.hub.applied)


@pytest.mark.parametrize("memory", [True, False], ids=["from memory", "from PostgreSQL"])
async def test_what_was_missed_is_replayed_in_order_and_counted(stage: Stage, node: Node, memory: bool) -> None:
    ann, ben, cat, eve = [await stage.somebody() for _ in range(4)]
    await stage.follow(ann, ben, cat)
    position = await position_now(node, ann)
    missed = [await stage.publish(author) for author in (ben, cat, ben, ben, cat)]
    await stage.publish(eve)
    await node.applied(missed[-1])
    if not memory:
        from_postgres(node)
    async with node.listen(ann, resume=position) as ear:
        frame = await caught_up(ear)
        assert (frame["recovered"], frame["missed"]) == (True, 5)
        assert ear.videos == [str(video_id) for video_id in missed]
        later = await stage.publish(ben)
        await ear.heard(later)
        assert len(ear.videos) == 6
    async with node.listen(ann, resume=ear.position) as ear:
        assert (await caught_up(ear))["missed"] == 0


async def test_a_session_resumes_on_another_node(stage: Stage, node: Node) -> None:
    other, ann, ben = await stage.node(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    position = await position_now(node, ann)
    video_id = await stage.publish(ben)
    await node.applied(video_id)
    async with other.listen(ann, resume=position) as ear:
        frame = await caught_up(ear)
        assert (frame["recovered"], frame["missed"]) == (True, 1)


async def test_a_position_from_a_faster_node_is_waited_for(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    await node.applied(await stage.publish(ben))
    hub = node.gateway.hub
    ahead = hub.position
    hub.applied -= 1  # as if this node had not heard of it yet
    async with node.listen(ann, resume=ahead) as ear:
        frame = await caught_up(ear)
        assert (frame["recovered"], frame["missed"], frame["position"]) == (True, 0, ahead)


async def test_the_feed_tells_a_position_from_which_nothing_is_missed(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    seen = await stage.publish(ben)
    await node.applied(seen)
    headers = {"Authorization": f"Bearer {ann.token}"}
    async with ClientSession() as http, http.get(f"{node.url}/api/v1/feed/following", headers=headers) as answer:
        page = await answer.json()
    assert [item["id"] for item in page["items"]] == [str(seen)]
    later = await stage.publish(ben)
    async with node.listen(ann, resume=page["position"]) as ear:
        await ear.heard(later)
        assert str(seen) not in ear.videos


@pytest.mark.parametrize(
    "position",
    [
        "",
        "x",
        "0-0",
        "ffff-1",
        "{epoch}-999999999999",
        "{epoch}-01",
        "{epoch}--1",
        "{epoch}-1 ",
        "é" * 50,
        "{epoch}-" + "9" * 4000,
    ],
)
async def test_a_position_that_is_none_of_ours_is_told_and_no_error(stage: Stage, node: Node, position: str) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    await node.applied(await stage.publish(ben))
    async with node.listen(ann, resume=position.format(epoch=node.gateway.hub.epoch)) as ear:
        frame = await caught_up(ear)
        assert (frame["recovered"], frame["missed"]) == (False, 0)
        assert frame["position"] == node.gateway.hub.position
        await ear.heard(await stage.publish(ben))


async def test_a_gap_that_is_too_long_is_told(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    position = await position_now(node, ann)
    await stage.pool.execute(MANY, ben.id, MOST_REPLAYED + 1)
    await node.applied(await stage.publish(ben))
    for memory in (True, False):
        if not memory:
            from_postgres(node)
        async with node.listen(ann, resume=position) as ear:
            assert (await caught_up(ear))["recovered"] is False


async def test_a_long_gap_is_replayed_in_parts(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    position = await position_now(node, ann)
    published = [await stage.publish(ben) for _ in range(300)]
    await node.applied(published[-1])
    async with node.listen(ann, resume=position) as ear:
        assert (await caught_up(ear))["missed"] == 300
        assert ear.videos == [str(video_id) for video_id in published]


async def test_a_replay_shows_videos_as_they_are_now(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    position = await position_now(node, ann)
    video_id = await stage.publish(ben, "before")
    await node.applied(video_id)
    await stage.pool.execute("UPDATE video SET title = 'after', status = 'ready' WHERE id = $1", video_id)
    node.gateway.hub.bodies.drop(video_id)
    async with node.listen(ann, resume=position) as ear:
        await caught_up(ear)
        (event,) = await ear.heard(video_id)
        assert (event["data"]["title"], event["data"]["status"]) == ("after", "ready")


async def test_nothing_that_was_hidden_or_unfollowed_meanwhile_is_replayed(stage: Stage, node: Node) -> None:
    ann, ben, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben, cat)
    position = await position_now(node, ann)
    gone, hidden, kept = [await stage.publish(ben) for _ in range(3)]
    await node.applied(await stage.publish(cat))
    await stage.delete(ben, gone)
    headers = {"Authorization": f"Bearer {ben.token}"}
    async with ClientSession() as http:
        path = f"{node.url}/api/v1/videos/{hidden}"
        async with http.patch(path, json={"visibility": "private"}, headers=headers) as answer:
            assert answer.status == 200
    await stage.unfollow(ann, cat)
    for memory in (True, False):
        if not memory:
            from_postgres(node)
        async with node.listen(ann, resume=position) as ear:
            assert (await caught_up(ear))["missed"] == 1
            assert ear.videos == [str(kept)]


@pytest.mark.parametrize("memory", [True, False], ids=["from memory", "from PostgreSQL"])
async def test_nothing_of_whom_a_block_hides_is_replayed_to_either(stage: Stage, node: Node, memory: bool) -> None:
    ann, ben, cat = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben, cat)
    await stage.follow(ben, ann, cat)
    position = await position_now(node, ann)
    for author in (ann, ben):
        await stage.publish(author)
    kept = await stage.publish(cat)
    await node.applied(kept)
    await stage.block(ann, ben)
    if not memory:
        from_postgres(node)
    for somebody in (ann, ben):
        async with node.listen(somebody, resume=position) as ear:
            assert (await caught_up(ear))["missed"] == 1
            assert ear.videos == [str(kept)]


async def test_followers_get_what_is_for_followers(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    async with node.listen(ann) as ear:
        await ear.answered()
        position = ear.position
        video_id = await stage.publish(ben, visibility="followers")
        await ear.heard(video_id)
    async with node.listen(ann, resume=position) as ear:
        await caught_up(ear)
        assert ear.videos == [str(video_id)]


async def test_a_late_first_resume_still_counts_what_came_before_it(stage: Stage, node: Node) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    position = await position_now(node, ann)
    missed = await stage.publish(ben)
    await node.applied(missed)
    async with node.listen(ann) as ear:
        await ear.of_type("welcome")
        live = await stage.publish(ben)
        await ear.heard(live)  # the session was held for a second, then it went live
        await ear.say(type="resume", position=position)
        frame = await caught_up(ear)
        assert (frame["recovered"], frame["missed"]) == (True, 2)
        assert ear.videos == [str(live), str(missed)]


@both_ways
async def test_who_could_not_be_reached_for_a_while_resumes_before_anything_live(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its client has not read the welcome: no answer to a ping has come."""
    monkeypatch.setattr("server.live.clocks.MOST_HELD_SECONDS", 2 * LIMIT_SECONDS)
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    position = await position_now(node, ann)
    missed = await stage.publish(ben)
    await node.applied(missed)
    reader, writer = await asyncio.open_connection(node.server.host, node.server.port)
    writer.write(upgrade_request(ann.token))
    held = node.gateway.clocks._held
    await until(lambda: any(one.pinged and one.beginning.session.open for one in held), "the end of a hold")
    live = await stage.publish(ben)
    await node.applied(live)
    writer.write(frame(TEXT, json.dumps({"type": "resume", "position": position}).encode()))
    answer = await asyncio.wait_for(reader.readuntil(b'"caught_up"'), LIMIT_SECONDS)
    assert answer.count(PING) >= 1
    assert 0 < answer.index(str(missed).encode()) < answer.index(str(live).encode())
    writer.close()


async def test_what_is_forgotten_while_a_resume_reads_is_told(stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    position = await position_now(node, ann)
    await node.applied(await stage.publish(ben))
    await node.applied(await stage.publish(ben))
    from_postgres(node)
    read = queries.of_authors

    async def of_authors(*arguments: Any) -> Any:
        await stage.pool.execute(FORGOTTEN)
        return await read(*arguments)

    monkeypatch.setattr(queries, "of_authors", of_authors)
    async with node.listen(ann, resume=position) as ear:
        frame = await caught_up(ear)
        assert (frame["recovered"], frame["missed"]) == (False, 0)


async def test_nothing_is_lost_or_repeated_when_publishing_races_with_resuming(stage: Stage, node: Node) -> None:
    """Two nodes, several authors, a client that is cut and comes back all the time."""
    other, ann = await stage.node(), await stage.somebody()
    authors = [await stage.somebody() for _ in range(3)]
    await stage.follow(ann, *authors)
    dice = random.Random(20)
    published: list[tuple[UUID, UUID]] = []
    position = await position_now(node, ann)

    async def publish_all() -> None:
        for _ in range(60):
            author = dice.choice(authors)
            published.append((author.id, await stage.publish(author)))
            await asyncio.sleep(dice.random() * 0.01)

    publishing = asyncio.create_task(publish_all())
    heard: list[dict[str, Any]] = []
    rounds = 0
    while not publishing.done() or len(heard) < 60:
        rounds += 1
        async with dice.choice((node, other)).listen(ann, resume=position) as ear:
            frame = await caught_up(ear)
            assert frame["recovered"]
            wanted = dice.randrange(3) if not publishing.done() else 0
            async with asyncio.timeout(60):
                while len(ear.videos) - frame["missed"] < wanted and not publishing.done():
                    await asyncio.sleep(0.002)
            events = [f for f in ear.frames if f.get("event") == "video.published"]
            position = ear.position
            assert len(set(ear.videos)) == len(ear.videos), "a repeat within one session"
            heard += events
            ear.cut()
        assert rounds < 500
    await publishing
    ids = [event["data"]["id"] for event in heard]
    assert ids == list(dict.fromkeys(ids)), "a client that waited for the end of its replays saw a repeat"
    for author in authors:
        mine = [str(video_id) for author_id, video_id in published if author_id == author.id]
        assert [event["data"]["id"] for event in heard if event["data"]["author"]["id"] == str(author.id)] == mine


async def test_a_resume_that_the_database_cannot_answer_is_put_off_without_loss(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    position = await position_now(node, ann)
    missed = await stage.publish(ben)
    await node.applied(missed)
    from_postgres(node)
    async with stage.pool.acquire() as conn, conn.transaction():
        await conn.execute("LOCK TABLE publication IN ACCESS EXCLUSIVE MODE")
        with monkeypatch.context() as product:
            product.setattr("server.live.resume.RESUME_SECONDS", 0.3)
            async with node.listen(ann, resume=position) as ear:
                code, reason = await ear.closed()
                assert code == 1012
                assert reason.startswith("retry_after_ms=")
                assert not ear.videos
    async with node.listen(ann, resume=position) as ear:
        assert (await caught_up(ear))["missed"] == 1
        assert ear.videos == [str(missed)]


async def test_what_is_hidden_while_it_is_held_back_is_not_let_go(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.live.clocks.HOLD_SECONDS", 120.0)
    monkeypatch.setattr("server.live.clocks.MOST_HELD_SECONDS", 120.0)
    ann, ben = await stage.somebody(), await stage.somebody()
    await stage.follow(ann, ben)
    async with node.listen(ann) as ear:
        position = (await ear.of_type("welcome"))["position"]
        hidden = await stage.publish(ben)
        await node.applied(hidden)  # it waits for the session's first message
        await stage.delete(ben, hidden)
        code, reason = await ear.closed()
        assert code == 1012
        assert reason.startswith("retry_after_ms=")
        assert ear.videos == []
    async with node.listen(ann, resume=position) as ear:
        assert (await caught_up(ear))["missed"] == 0


async def test_a_replay_that_fails_by_a_mistake_of_ours_ends_the_session(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ann = await stage.somebody()
    position = await position_now(node, ann)
    monkeypatch.setattr(node.gateway.hub, "ring", None)
    async with node.listen(ann, resume=position) as ear:
        assert (await ear.closed())[0] == 1012
    monkeypatch.undo()
    assert "a replay ended" in caplog.text
