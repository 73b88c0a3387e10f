"""A small world in which much can go wrong: two nodes, each with a link of its own to a Valkey that can be struck."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

from server.kit.invalidation import INVALIDATIONS, Invalidated
from server.live.ring import Ring
from server.settings import Settings
from soak.link import Link
from tests.server.live.handsets import Handset
from tests.server.live.stage import Node, Somebody, Stage, staged
from tests.valkeys import OwnValkey, own_valkey
from tests.waiting import until

NODES = 2
CUT_OFF = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'reelwire'
"""


class World:
    """The nodes and what can happen to them; who lives in it is up to the test."""

    def __init__(self, stage: Stage, valkey: OwnValkey, links: list[Link], lighthouse: Somebody) -> None:
        self._lighthouse = lighthouse
        self._links = links
        self._hidden: dict[int, set[UUID]] = {}
        self._deaf: set[int] = set()
        self.stage = stage
        self.valkey = valkey
        self.ill = ""
        self.nodes: list[Node] = []

    async def start(self, nth: int) -> Node:
        """A node on its link; it notes which videos it knows to be gone."""
        password = urlsplit(self.valkey.url).password
        node = await self.stage.node(valkey_url=f"redis://:{password}@127.0.0.1:{self._links[nth].port}")
        hidden = self._hidden[nth] = set()

        def note(event: Invalidated) -> None:
            if event.kind == "video":
                hidden.add(event.subject_id)

        node.app[INVALIDATIONS].listen(note)
        return node

    async def restart(self, nth: int) -> None:
        """As a deploy does it."""
        self.stage.nodes.remove(self.nodes[nth])
        await self.nodes[nth].stop()
        self.nodes[nth] = await self.start(nth)

    async def deafen(self, nth: int) -> None:
        """Nothing of Valkey gets to this node any more, and nobody is told."""
        self._links[nth].swallow()
        self._deaf.add(nth)

    async def mend(self, nth: int, *, lost: bool) -> None:
        """Its link works again; what was under way is lost, or comes late."""
        if lost:
            self._links[nth].cut()
        else:
            self._links[nth].let_through()
        self._deaf.discard(nth)

    def deaf(self, nth: int) -> bool:
        return nth in self._deaf

    async def strike_valkey(self, *, kill: bool) -> None:
        if kill:
            await self.valkey.kill()
        else:
            self.valkey.freeze()
        self.ill = "killed" if kill else "frozen"

    async def heal_valkey(self) -> None:
        """A killed one comes back empty."""
        if self.ill == "killed":
            await self.valkey.start()
        elif self.ill:
            self.valkey.thaw()
        self.ill = ""

    async def heal(self) -> None:
        """Nothing is wrong any more."""
        await self.heal_valkey()
        for nth in range(NODES):
            await self.mend(nth, lost=True)

    async def cut_database(self) -> None:
        """Every connection of the nodes to PostgreSQL ends."""
        await self.stage.pool.execute(CUT_OFF)

    async def forget(self, nth: int) -> None:
        """This node remembers nothing of the log: whoever resumes there is answered by PostgreSQL."""
        hub = self.nodes[nth].gateway.hub
        hub.ring = Ring(hub.applied)

    # Facts to wait for

    async def parted(self, follower: Somebody, author: Somebody) -> None:
        """Every node knows that one does not follow the other any more."""

        def known(node: Node) -> bool:
            audience = node.gateway.hub.presence.audience(follower.id)
            if audience is None or audience.follows is None:
                return True
            return author.id not in audience.follows and not audience.doubts

        await until(lambda: all(known(node) for node in self.nodes), "the end of a follow")

    async def gone(self, video_id: UUID) -> None:
        """Every node knows that nobody may see this video any more."""
        await until(lambda: all(video_id in hidden for hidden in self._hidden.values()), "the end of a video")

    async def settled(self, *handsets: Handset) -> None:
        """What the nodes had begun to send has arrived: they take the log in order, and answer in order."""
        marker = await self.stage.publish(self._lighthouse)
        for node in self.nodes:
            await node.applied(marker)
        for handset in handsets:
            await handset.answered()


@asynccontextmanager
async def world(settings: Settings, folder: Path) -> AsyncIterator[World]:
    """One with healthy nodes."""
    async with AsyncExitStack() as stack:
        valkey = await stack.enter_async_context(own_valkey(folder))
        socket = unquote(urlsplit(valkey.url).path)
        links = [await stack.enter_async_context(Link(socket).serving()) for _ in range(NODES)]
        stage = await stack.enter_async_context(staged(settings, valkey.url))
        found = World(stage, valkey, links, await stage.somebody())
        found.nodes = [await found.start(nth) for nth in range(NODES)]
        try:
            yield found
        finally:
            await found.heal()
