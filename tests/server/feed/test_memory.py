"""The following feed out of memory: the same bytes as PostgreSQL's, and never what was taken away."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from server.cards import kept
from server.feed import readers
from server.feed.memory import FEED_MEMORY
from server.kit import invalidation
from server.kit.invalidation import invalidate
from server.kit.request import ANNOUNCER
from server.kit.tasks import running
from server.kit.work import work
from server.live import envelopes
from server.live.envelopes import Envelope, Touched
from server.settings import Settings
from server.videos.wire import Visibility
from tests.server.feed.pages import call, feed, ids, read, ready, shown, texts
from tests.server.live.stage import Node, Somebody, Stage, staged
from tests.valkeys import own_valkey
from tests.waiting import until

TEXTS = ("one", "two", "three", "four", "five")


@pytest.fixture
def counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts are a moment late by design; where all of an answer is compared they are read each time."""
    monkeypatch.setattr(kept, "COUNTS_SECONDS", 0.0)


@pytest.fixture
def believed_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is believed until it is told otherwise."""
    monkeypatch.setattr(kept, "COMMENTS_SECONDS", 3600.0)
    monkeypatch.setattr(readers, "LIKED_SECONDS", 3600.0)


async def from_postgresql(http: aiohttp.ClientSession, node: Node, who: Somebody | None, path: str) -> dict[str, Any]:
    """The same answer as it is without memory."""
    memory = node.app[FEED_MEMORY]
    told, memory.heard_up_to = memory.heard_up_to, lambda: None
    try:
        return await read(http, node, who, path)
    finally:
        memory.heard_up_to = told


@dataclass
class Life:
    """What people do, by the roll of dice, each time on some node."""

    stage: Stage
    http: aiohttp.ClientSession
    dice: random.Random
    nodes: list[Node]
    people: list[Somebody]
    videos: dict[UUID, Somebody] = field(default_factory=dict)

    async def goes_on(self) -> None:
        """Somebody does something."""
        do = self.dice.choice([self.follow, self.follow, self.unfollow, self.publish, self.publish, self.edit, self.hide])
        await self.dice.choice([do, do, do, self.comment, self.delete])(self.dice.choice(self.people))

    async def follow(self, who: Somebody) -> None:
        await self.done("PUT", who, f"/me/following/{self.other(who).id}")

    async def unfollow(self, who: Somebody) -> None:
        await self.done("DELETE", who, f"/me/following/{self.other(who).id}")

    async def publish(self, who: Somebody) -> None:
        video_id = await self.stage.publish(who, visibility=self.dice.choice(["public", "followers"]))
        self.videos[video_id] = who
        for node in self.nodes:
            await node.applied(video_id)

    async def edit(self, who: Somebody) -> None:
        for video_id in self.of(who)[-1:]:
            await self.done("PATCH", who, f"/videos/{video_id}", json={"title": self.dice.choice(TEXTS)})

    async def hide(self, who: Somebody) -> None:
        for video_id in self.of(who)[-1:]:
            await self.done("PATCH", who, f"/videos/{video_id}", json={"visibility": self.dice.choice(["private", "public"])})

    async def comment(self, who: Somebody) -> None:
        """On what one may see of somebody's newest."""
        for video_id in self.of(self.other(who))[-3:]:
            text = {"text": self.dice.choice(TEXTS)}
            node, path = self.dice.choice(self.nodes), f"/videos/{video_id}/comments"
            if await call(self.http, "POST", node, who, path, json=text) == 201:
                await self.heard(video_id)

    async def delete(self, who: Somebody) -> None:
        for video_id in self.of(who)[2:3]:
            await self.done("DELETE", who, f"/videos/{video_id}")
            del self.videos[video_id]

    async def heard(self, video_id: UUID) -> None:
        """Of a comment other nodes hear a moment later."""
        newest = [node.app[FEED_MEMORY]._cards.newest for node in self.nodes]
        await until(lambda: not any(memory.get(video_id) for memory in newest), "the comment")

    def other(self, who: Somebody) -> Somebody:
        return self.dice.choice([one for one in self.people if one is not who])

    def of(self, who: Somebody) -> list[UUID]:
        return [video_id for video_id, author in self.videos.items() if author is who]

    async def done(self, method: str, who: Somebody, path: str, **options: Any) -> None:
        assert await call(self.http, method, self.dice.choice(self.nodes), who, path, **options) in (200, 204)


@pytest.mark.usefixtures("counted_at_once")
async def test_whatever_happens_both_ways_give_the_same_page(stage: Stage, http: aiohttp.ClientSession) -> None:
    dice = random.Random(12)
    nodes = [await stage.node(), await stage.node()]
    for node in nodes:
        await ready(node)
    life = Life(stage, http, dice, nodes, [await stage.somebody() for _ in range(5)])
    for _ in range(45):
        await life.goes_on()
        node, who = dice.choice(nodes), dice.choice(life.people)
        query = dice.choice(["", "?limit=2", "?limit=50", "?bandwidth_bps=500000", "?save_data=1"])
        other = dice.choice(life.people).id
        for viewer, path in (
            (who, f"/feed/following{query}"),
            (dice.choice([who, None]), f"/users/{other}"),
            (dice.choice([who, None]), f"/users/{other}/videos{dice.choice(['', '?limit=2', '?limit=20'])}"),
        ):
            pages = [await read(http, node, viewer, path), await from_postgresql(http, node, viewer, path)]
            for page in pages:
                page.pop("position", None)
                if "next_cursor" in page and path.startswith("/feed"):
                    page["next_cursor"] = page["next_cursor"] is not None  # places are the same, cursors name more
            assert pages[0] == pages[1]


@dataclass
class Busy:
    """Two nodes whose memory is kept busy: pages are being made whenever something is taken away."""

    stage: Stage
    http: aiohttp.ClientSession
    nodes: list[Node]
    reader: Somebody
    author: Somebody

    async def read(self, node: Node) -> None:
        while True:
            for path in self.paths:
                await read(self.http, node, self.reader, path)

    async def followers(self) -> set[int]:
        """How many all nodes say that the author has."""
        path = f"/users/{self.author.id}"
        told = [await read(self.http, node, viewer, path) for node in self.nodes for viewer in (self.reader, None)]
        return {user["counts"]["followers"] for user in told}

    async def published(self, visibility: Visibility = "public") -> UUID:
        """A video that all nodes show."""
        video_id = await self.stage.publish(self.author, visibility=visibility)
        for node in self.nodes:
            await node.applied(video_id)
            assert str(video_id) in ids(await feed(self.http, node, self.reader))
        return video_id

    @property
    def paths(self) -> tuple[str, str]:
        return "/feed/following", f"/users/{self.author.id}/videos"

    async def pages(self) -> list[dict[str, Any]]:
        return [await read(self.http, node, self.reader, path) for node in self.nodes for path in self.paths]


@pytest.fixture
async def busy(stage: Stage, http: aiohttp.ClientSession) -> AsyncIterator[Busy]:
    nodes = [await stage.node(), await stage.node()]
    for node in nodes:
        await ready(node)
    found = Busy(stage, http, nodes, await stage.somebody(), await stage.somebody())
    await stage.follow(found.reader, found.author)
    async with (
        running("one", found.read(nodes[0])),
        running("two", found.read(nodes[1])),
        running("three", found.read(nodes[1])),
    ):
        yield found


async def test_what_was_deleted_is_nowhere_once_that_is_answered(busy: Busy) -> None:
    for _ in range(4):
        video_id = await busy.published()
        assert await call(busy.http, "DELETE", busy.nodes[0], busy.author, f"/videos/{video_id}") == 204
        assert all(str(video_id) not in ids(page) for page in await busy.pages())


async def test_what_was_made_private_is_nowhere_once_that_is_answered(busy: Busy) -> None:
    for _ in range(4):
        path = f"/videos/{await busy.published()}"
        assert await call(busy.http, "PATCH", busy.nodes[1], busy.author, path, json={"visibility": "private"}) == 200
        assert all(path.rpartition("/")[2] not in ids(page) for page in await busy.pages())


async def test_who_is_not_followed_is_nowhere_once_that_is_answered_and_everywhere_once_followed(busy: Busy) -> None:
    video_id, path = await busy.published("followers"), f"/me/following/{busy.author.id}"
    for _ in range(4):
        assert await call(busy.http, "DELETE", busy.nodes[0], busy.reader, path) == 204
        assert all(ids(page) == [] for page in await busy.pages())
        assert await busy.followers() == {0}
        assert await call(busy.http, "PUT", busy.nodes[0], busy.reader, path) == 204
        assert all(ids(page) == [str(video_id)] for page in await busy.pages())
        assert await busy.followers() == {1}


async def test_a_deleted_comment_is_nowhere_once_that_is_answered(busy: Busy) -> None:
    video_id = await busy.published()
    for _ in range(4):
        comment_id = await busy.stage.comment(busy.reader, video_id, "gone")
        await busy.pages()
        assert await call(busy.http, "DELETE", busy.nodes[0], busy.author, f"/comments/{comment_id}") == 204
        assert all(texts(item) == [] for page in await busy.pages() for item in page["items"] if "top_comments" in item)


async def test_a_warm_page_asks_postgresql_for_nothing(
    stage: Stage, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, seconds in ((kept, "TICK_SECONDS"), (kept, "COUNTS_SECONDS"), (invalidation, "BELIEVED_SECONDS")):
        monkeypatch.setattr(module, seconds, 3600.0)  # it stays warm
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


async def unheard(http: aiohttp.ClientSession, stage: Stage) -> tuple[Node, Somebody, UUID]:
    """A node with a page in memory, whose reader, and the video on it, of which it hears nothing yet."""
    node, reader, author = await stage.node(), await stage.somebody(), await stage.somebody()
    await ready(node)
    await stage.follow(reader, author)
    video_id = await stage.publish(author)
    await node.applied(video_id)
    await shown(http, node, reader, lambda item: texts(item) == [] and not item["viewer"]["liked"])
    return node, reader, video_id


def is_heard(item: dict[str, Any]) -> bool:
    return texts(item) == ["unheard"] and bool(item["viewer"]["liked"])


@pytest.mark.usefixtures("believed_for_ever")
async def test_what_is_said_and_liked_while_the_broker_is_away_is_seen_when_it_is_back(
    settings: Settings, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    async with own_valkey(tmp_path) as server, staged(settings, server.url) as stage:
        node, reader, video_id = await unheard(http, stage)
        await server.kill()
        await stage.comment(reader, video_id, "unheard")  # by way of another process
        await stage.like(reader, video_id)
        await server.start()
        await shown(http, node, reader, is_heard)


@pytest.mark.usefixtures("believed_for_ever")
async def test_what_was_told_to_a_process_that_was_cut_off_is_seen_when_it_hears_again(
    stage: Stage, http: aiohttp.ClientSession
) -> None:
    node, reader, video_id = await unheard(http, stage)
    hub, missed = node.gateway.hub, list[Envelope | None]()
    hear = hub.received
    hub.received = lambda channel, payload: missed.append(envelopes.read(payload))  # type: ignore[method-assign]  # noqa: ARG005 - as it is called
    await stage.comment(reader, video_id, "unheard")
    await stage.like(reader, video_id)
    await until(lambda: any(isinstance(one, Touched) and reader.id in one.accounts for one in missed), "the like")
    hub.received = hear  # type: ignore[method-assign]
    hub.restored()
    await shown(http, node, reader, is_heard)


@pytest.mark.parametrize("known", [10, 0])
async def test_comments_of_whom_one_has_blocked_are_left_out(
    stage: Stage, http: aiohttp.ClientSession, known: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where those are too many to be known."""
    monkeypatch.setattr(readers, "MOST_HIDDEN", known)
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
    await stage.pool.execute("UPDATE video SET status = 'ready' WHERE id = $1", video_id)
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
    assert sum(asked) <= 3  # it may hear late that it plays


async def test_a_process_that_hears_nothing_does_not_believe_its_memory(stage: Stage) -> None:
    node = await stage.node()
    await ready(node)
    memory = node.app[FEED_MEMORY]
    memory._invalidations._read_at = float("-inf")
    assert memory.position() is None


async def test_a_name_leads_to_whoever_has_it_now(stage: Stage, http: aiohttp.ClientSession) -> None:
    node = await stage.node()
    await ready(node)
    one, other = await stage.somebody(), await stage.somebody()
    name = f"n{one.id.hex[-12:]}"
    await stage.pool.execute("INSERT INTO username (name, account_id) VALUES ($1, $2)", name, one.id)
    for _ in range(2):
        assert (await read(http, node, None, f"/users/{name.upper()}"))["id"] == str(one.id)
    await stage.pool.execute("UPDATE username SET account_id = $2 WHERE name = $1", name, other.id)
    async with work(stage.pool, node.app[ANNOUNCER], one.id) as w:
        await invalidate(w, one.id, "account", one.id)
    for path in (f"/users/{name}", f"/users/{name}/videos"):
        assert await read(http, node, None, path)
    assert (await read(http, node, None, f"/users/{name}"))["id"] == str(other.id)
