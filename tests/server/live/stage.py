"""Live nodes of a test's own on a database and a Valkey of its own, and what happens on them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from pubsub.broker import Broker
from pubsub.opening import open_broker
from server import resources
from server.accounts import sessions
from server.blocks import actions as blocks
from server.cards import actions as cards
from server.comments import actions as comments
from server.comments.routes import routes as comment_routes
from server.comments.saying import Saying
from server.feed.memory import feed_memory
from server.feed.routes import routes as feed_routes
from server.follows import actions as follows
from server.follows.routes import routes as follow_routes
from server.keys import derive
from server.kit.auth import authentication
from server.kit.ids import new_id
from server.kit.limiter import limiter
from server.kit.problems import problems
from server.kit.tasks import running
from server.kit.tokens import Tokens
from server.kit.work import Announcer, work
from server.likes.liking import Liking
from server.live import gateway
from server.live.announce import BrokerAnnouncer
from server.live.gateway import Gateway
from server.live.routes import routes as live_routes
from server.profiles.routes import routes as profile_routes
from server.settings import SOCKET_SESSIONS, Settings
from server.videos import actions as videos
from server.videos.routes import routes as video_routes
from server.videos.wire import PatchVideo, Visibility
from server.web import doors, groups
from storage.postgres import Pool, close_pool, open_pool
from tests.fronted import Fronted
from tests.sockets import listening
from tests.waiting import until

ACCOUNT = "INSERT INTO account (id, username, email, password_hash) VALUES ($1, $2, $2, '')"
SESSION = "INSERT INTO session (account_id, id, user_agent, expires_at) VALUES ($1, $2, '', now() + interval '1 day')"
VIDEO = """
INSERT INTO video (id, author_id, title, description, hashtags, visibility, status, raw_bytes, raw_sha256, generation)
VALUES ($1, $2, $3, $5, '{}', $4, $6, 1, '', 1)
"""
NO_LEADER = "UPDATE event_log SET leased_until = '-infinity'"
LISTED = "INSERT INTO author_video (author_id, video_id, at, visibility) VALUES ($1, $2, now(), $3)"
both_ways = pytest.mark.parametrize("socket_sessions", SOCKET_SESSIONS, indirect=True)
"""For tests that concern how a session is carried."""


@dataclass(frozen=True)
class Somebody:
    """An account and its log-in."""

    id: UUID
    login_id: UUID
    token: str


@dataclass
class Node:
    """One process' worth of the live side, with a real listener."""

    app: web.Application
    server: TestServer

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    @property
    def gateway(self) -> Gateway:
        return self.app[gateway.GATEWAY]

    async def applied(self, video_id: UUID) -> None:
        """Wait until this node has taken the publication."""
        hub = self.gateway.hub
        await until(lambda: any(entry.video_id == video_id for entry in hub.ring.after(0, hub.applied)), "the publication")

    async def stop(self) -> None:
        """As at SIGTERM."""
        await self.server.close()

    def listen(self, somebody: Somebody, **options: Any) -> Any:
        return listening(self.url, somebody.token, **options)


@dataclass
class Stage:
    """The stores and everybody on them."""

    settings: Settings
    pool: Pool
    broker: Broker
    announcer: Announcer
    nodes: list[Node] = field(default_factory=list)

    async def node(self, port: int | None = None, valkey_url: str | None = None) -> Node:
        """One more node, ready for sessions; on a way of its own to Valkey, if there is one."""
        app = live_app(replace(self.settings, valkey_url=valkey_url or self.settings.valkey_url))
        node = Node(app, Fronted(app, port=port))
        await node.server.start_server()
        self.nodes.append(node)
        await node.gateway.hub.loaded.wait()
        return node

    async def somebody(self, seconds: int = 900) -> Somebody:
        """A fresh account; its token lives for so long."""
        account_id, login_id = new_id(), new_id()
        await self.pool.execute(ACCOUNT, account_id, f"u{account_id.hex}")
        await self.pool.execute(SESSION, account_id, login_id)
        return Somebody(account_id, login_id, self.token(account_id, login_id, seconds))

    def token(self, account_id: UUID, login_id: UUID, seconds: int = 900) -> str:
        keys = tuple(derive(secret) for secret in self.settings.secret_keys)
        return Tokens(keys, seconds, seconds).access(account_id, login_id)

    async def follow(self, who: Somebody, *authors: Somebody) -> None:
        for author in authors:
            async with work(self.pool, self.announcer, who.id) as w:
                await follows.follow(w, who.id, author.id)

    async def unfollow(self, who: Somebody, author: Somebody) -> None:
        async with work(self.pool, self.announcer, who.id) as w:
            await follows.unfollow(w, who.id, author.id)

    async def block(self, who: Somebody, other: Somebody) -> None:
        async with work(self.pool, self.announcer, who.id) as w:
            await blocks.block(w, who.id, other.id)

    async def unblock(self, who: Somebody, other: Somebody) -> None:
        async with work(self.pool, self.announcer, who.id) as w:
            await blocks.unblock(w, who.id, other.id)

    async def log_out(self, who: Somebody) -> None:
        async with work(self.pool, self.announcer, who.id) as w:
            await sessions.end(w, who.id, who.login_id)

    async def publish(self, author: Somebody, title: str = "", visibility: Visibility = "public", description: str = "") -> UUID:
        """A video that turns playable, as a worker makes it."""
        async with self.publishing(author, title, visibility, description) as video_id:
            return video_id

    @asynccontextmanager
    async def publishing(
        self, author: Somebody, title: str = "", visibility: Visibility = "public", description: str = ""
    ) -> AsyncIterator[UUID]:
        """The same, committed at the end of the block."""
        video_id = new_id()
        async with work(self.pool, self.announcer, None) as w:
            await w.conn.execute("SELECT true FROM account WHERE id = $1 FOR UPDATE", author.id)
            await w.conn.execute(VIDEO, video_id, author.id, title, visibility, description, "playable")
            await w.conn.execute(LISTED, author.id, video_id, visibility)
            await videos.publish(w, video_id, author.id)
            yield video_id

    async def hide(self, author: Somebody, video_id: UUID) -> None:
        async with work(self.pool, self.announcer, author.id) as w:
            await videos.edit(w, await videos.own(w, video_id), PatchVideo(visibility="private"))

    async def begin(self, author: Somebody) -> UUID:
        """A video that does not play yet."""
        video_id = new_id()
        await self.pool.execute(VIDEO, video_id, author.id, "", "public", "", "processing")
        return video_id

    async def delete(self, author: Somebody, video_id: UUID) -> None:
        async with work(self.pool, self.announcer, author.id) as w:
            await videos.delete(w, await videos.own(w, video_id))

    async def edit(self, author: Somebody, video_id: UUID, **patch: Any) -> None:
        async with work(self.pool, self.announcer, author.id) as w:
            await videos.edit(w, await videos.own(w, video_id), PatchVideo(**patch))

    async def comment(self, who: Somebody, video_id: UUID, text: str = "well") -> UUID:
        saying = Saying(self.pool, self.announcer, cards.comments)
        said = await saying.say(who.id, video_id, msgspec.json.encode({"text": text}), None)
        return UUID(msgspec.json.decode(said.body)["id"])

    async def delete_comment(self, who: Somebody, comment_id: UUID) -> None:
        async with work(self.pool, self.announcer, who.id) as w:
            await comments.delete(w, who.id, comment_id)

    async def like(self, who: Somebody, video_id: UUID) -> None:
        await Liking(self.pool, self.announcer).like(who.id, video_id)

    async def unlike(self, who: Somebody, video_id: UUID) -> None:
        await Liking(self.pool, self.announcer).unlike(who.id, video_id)


class Late:
    """An announcer whose news wait until the test lets them go."""

    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer
        self._waiting: list[msgspec.Struct] = []

    def announce(self, event: msgspec.Struct) -> None:
        """Take the event."""
        self._waiting.append(event)

    async def settled(self, events: Sequence[msgspec.Struct]) -> None:
        """Nobody has heard of anything yet."""

    def let_go(self) -> None:
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            self._announcer.announce(event)


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def live_app(settings: Settings) -> web.Application:
    """The rooms that the live side speaks of, as `serve` has them, without the object store."""
    app = web.Application(middlewares=[problems, authentication])
    resources.provide(app, settings)
    app.cleanup_ctx.extend([resources.postgres, resources.invalidations, limiter, feed_memory, gateway.lifecycle, groups, doors])
    for routes in (profile_routes, follow_routes, video_routes, comment_routes, feed_routes, live_routes):
        app.add_routes(routes)
    return app


@asynccontextmanager
async def staged(settings: Settings, valkey_url: str) -> AsyncIterator[Stage]:
    """A stage without nodes; whatever runs on it ends with the block."""
    settings = replace(settings, valkey_url=valkey_url)
    pool = await open_pool(settings.database_url, 10, "test")
    await pool.execute(NO_LEADER)  # a node that was too slow to hand over would be waited for
    async with open_broker(valkey_url) as broker:
        announcer = BrokerAnnouncer(broker)
        async with running("announcer", announcer.run()):
            stage = Stage(settings, pool, broker, announcer)
            try:
                yield stage
            finally:
                for node in stage.nodes:
                    await node.stop()
                await close_pool(pool)


async def position_now(node: Node, who: Somebody) -> str:
    """From which this account misses nothing of what is published next."""
    async with node.listen(who) as ear:
        return str((await ear.of_type("welcome"))["position"])
