"""The following feed out of memory: the same bytes as PostgreSQL's, and never what was taken away."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from server.cards import kept
from server.feed.memory import FEED_MEMORY
from server.kit.tasks import running
from tests.server.live.stage import Node, Somebody, Stage
from tests.waiting import LIMIT_SECONDS, until

TEXTS = ("one", "two", "three", "four", "five")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts are a moment late by design; where all of an answer is compared they are read each time."""
    monkeypatch.setattr(kept, "MOVING_SECONDS", 0.0)


async def feed(http: aiohttp.ClientSession, node: Node, who: Somebody, query: str = "") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {who.token}"}
    async with http.get(f"{node.url}/api/v1/feed/following{query}", headers=headers, raise_for_status=True) as response:
        body: dict[str, Any] = await response.json()
        return body


async def call(http: aiohttp.ClientSession, method: str, node: Node, who: Somebody, path: str, **options: Any) -> int:
    headers = {"Authorization": f"Bearer {who.token}"}
    async with http.request(method, f"{node.url}/api/v1{path}", headers=headers, **options) as response:
        await response.read()
        return response.status


def ids(page: dict[str, Any]) -> list[str]:
    return [item["id"] for item in page["items"]]


async def from_postgresql(http: aiohttp.ClientSession, node: Node, who: Somebody, query: str = "") -> dict[str, Any]:
    """The same page as it is without memory."""
    memory = node.app[FEED_MEMORY]
    told, memory.heard_up_to = memory.heard_up_to, lambda: None
    try:
        return await feed(http, node, who, query)
    finally:
        memory.heard_up_to = told


async def shown(http: aiohttp.ClientSession, node: Node, who: Somebody, so: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until the newest item of the feed is so."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while not so((await feed(http, node, who))["items"][0]):
            pass


def texts(item: dict[str, Any]) -> list[str]:
    return [comment["text"] for comment in item["top_comments"]]


async def ready(node: Node) -> None:
    await until(lambda: node.app[FEED_MEMORY].position() is not None, "the memory")


@pytest.mark.usefixtures("counted_at_once")
async def test_whatever_happens_both_ways_give_the_same_page(stage: Stage, http: aiohttp.ClientSession) -> None:
    dice = random.Random(6)  # noqa: S311 - a seed
    nodes = [await stage.node(), await stage.node()]
    for node in nodes:
        await ready(node)
    people = [await stage.somebody() for _ in range(5)]
    videos: dict[UUID, Somebody] = {}

    async def something() -> None:
        who, other = dice.sample(people, 2)
        node = dice.choice(nodes)
        mine = [i for i, author in videos.items() if author is who]
        match dice.choice(["follow", "follow", "unfollow", "publish", "publish", "edit", "hide", "comment", "like", "delete"]):
            case "follow":
                assert await call(http, "PUT", node, who, f"/me/following/{other.id}") == 204
            case "unfollow":
                assert await call(http, "DELETE", node, who, f"/me/following/{other.id}") == 204
            case "publish":
                video_id = await stage.publish(who, visibility=dice.choice(["public", "followers"]))
                videos[video_id] = who
                for each in nodes:
                    await each.applied(video_id)
            case "edit" if mine:
                title = dice.choice(TEXTS)
                assert await call(http, "PATCH", node, who, f"/videos/{mine[-1]}", json={"title": title}) == 200
            case "hide" if mine:
                visibility = dice.choice(["private", "public"])
                assert await call(http, "PATCH", node, who, f"/videos/{mine[-1]}", json={"visibility": visibility}) == 200
            case "comment" if videos:
                text = {"text": dice.choice(TEXTS)}
                await call(http, "POST", node, who, f"/videos/{dice.choice(list(videos))}/comments", json=text)
            case "delete" if len(mine) > 2:
                assert await call(http, "DELETE", node, who, f"/videos/{mine[0]}") == 204
                del videos[mine[0]]

    for _ in range(60):
        await something()
        node, who = dice.choice(nodes), dice.choice(people)
        query = dice.choice(["", "?limit=2", "?limit=50", "?bandwidth_bps=500000", "?save_data=1"])
        in_memory = await feed(http, node, who, query)
        told = await from_postgresql(http, node, who, query)
        for page in (in_memory, told):
            page.pop("position")
            page["next_cursor"] = page["next_cursor"] is not None
        assert in_memory == told


async def test_what_is_taken_away_is_nowhere_once_that_is_answered(stage: Stage, http: aiohttp.ClientSession) -> None:
    here, there = await stage.node(), await stage.node()
    for node in (here, there):
        await ready(node)
    reader, author = await stage.somebody(), await stage.somebody()
    await stage.follow(reader, author)
    reading: dict[int, tuple[Node, dict[str, Any]]] = {}

    async def read(node: Node, again: int) -> None:
        """Keeps the memory busy: pages are being made whenever something is taken away."""
        while True:
            reading[again] = node, await feed(http, node, reader)

    async with (
        running("one", read(here, 0)),
        running("two", read(there, 1)),
        running("three", read(there, 2)),
    ):
        for turn in range(12):
            video_id = await stage.publish(author, f"no {turn}")
            for node in (here, there):
                await node.applied(video_id)
                assert str(video_id) in ids(await feed(http, node, reader))
            take = turn % 4
            if take == 0:
                assert await call(http, "DELETE", here, author, f"/videos/{video_id}") == 204
            elif take == 1:
                assert await call(http, "PATCH", here, author, f"/videos/{video_id}", json={"visibility": "private"}) == 200
            elif take == 2:
                assert await call(http, "DELETE", there, reader, f"/me/following/{author.id}") == 204
            else:
                path = f"/videos/{video_id}/comments"
                async with http.post(
                    f"{here.url}/api/v1{path}", json={"text": "gone"}, headers={"Authorization": f"Bearer {reader.token}"}
                ) as response:
                    comment_id = (await response.json())["id"]
                await feed(http, there, reader)
                assert await call(http, "DELETE", here, author, f"/comments/{comment_id}") == 204
            for node in (there, here, there):
                page = await feed(http, node, reader)
                if take == 3:
                    assert "gone" not in [c["text"] for item in page["items"] for c in item["top_comments"]]
                else:
                    assert str(video_id) not in ids(page)
            if take == 2:
                assert await call(http, "PUT", here, reader, f"/me/following/{author.id}") == 204
                assert str(video_id) in ids(await feed(http, there, reader))
    assert len(reading) == 3


async def test_a_warm_page_asks_postgresql_for_nothing(stage: Stage, http: aiohttp.ClientSession) -> None:
    node = await stage.node()
    await ready(node)
    reader, author = await stage.somebody(), await stage.somebody()
    await stage.follow(reader, author)
    videos = [await stage.publish(author) for _ in range(3)]
    await stage.pool.execute("UPDATE video SET status = 'ready' WHERE id = ANY($1)", videos)
    await node.applied(videos[-1])
    page = await feed(http, node, reader)
    assert ids(page) == [str(i) for i in reversed(videos)]
    memory = node.app[FEED_MEMORY]
    pools = memory.recents._pool, memory.readers._pool, memory._cards._pool, memory._pool
    nobody: Any = None
    memory.recents._pool = memory.readers._pool = memory._cards._pool = memory._pool = nobody
    try:
        assert await feed(http, node, reader) == page
    finally:
        memory.recents._pool, memory.readers._pool, memory._cards._pool, memory._pool = pools


async def test_a_like_is_seen_at_once_by_whoever_likes(stage: Stage, http: aiohttp.ClientSession) -> None:
    here, there = await stage.node(), await stage.node()
    for node in (here, there):
        await ready(node)
    reader, author = await stage.somebody(), await stage.somebody()
    await stage.follow(reader, author)
    video_id = await stage.publish(author)
    for node in (here, there):
        await node.applied(video_id)
        assert (await feed(http, node, reader))["items"][0]["viewer"] == {"liked": False}
    await stage.like(reader, video_id)  # by neither of them: the broker tells
    for node in (here, there):
        await shown(http, node, reader, lambda item: bool(item["viewer"]["liked"]))


async def test_comments_of_whom_one_has_blocked_are_left_out(stage: Stage, http: aiohttp.ClientSession) -> None:
    node = await stage.node()
    await ready(node)
    reader, author, other = [await stage.somebody() for _ in range(3)]
    await stage.follow(reader, author)
    video_id = await stage.publish(author)
    await node.applied(video_id)
    await stage.comment(author, video_id, "kind")
    await stage.comment(other, video_id, "unkind")
    await shown(http, node, reader, lambda item: texts(item) == ["unkind", "kind"])
    await stage.block(reader, other)
    await shown(http, node, reader, lambda item: texts(item) == ["kind"])


async def test_thousands_who_come_at_once_ask_once(stage: Stage, http: aiohttp.ClientSession) -> None:
    node = await stage.node()
    await ready(node)
    author = await stage.somebody()
    readers = [await stage.somebody() for _ in range(20)]
    for reader in readers:
        await stage.follow(reader, author)
    video_id = await stage.publish(author)
    await node.applied(video_id)
    asked: list[int] = []
    memory = node.app[FEED_MEMORY]
    read = memory._cards._read_faces

    async def counted(video_ids: Any) -> Any:
        asked.append(len(video_ids))
        return await read(video_ids)

    memory._cards.faces._read = counted
    pages = await asyncio.gather(*(feed(http, node, reader) for reader in readers for _ in range(3)))
    assert all(ids(page) == [str(video_id)] for page in pages)
    assert sum(asked) <= 3  # what is being made is not kept for long


async def test_a_process_that_hears_nothing_does_not_believe_its_memory(stage: Stage) -> None:
    node = await stage.node()
    await ready(node)
    memory = node.app[FEED_MEMORY]
    memory._invalidations._read_at = float("-inf")
    assert memory.position() is None
