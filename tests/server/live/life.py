"""Some authors and followers in a small world: what they do there, written down for the checker."""

import asyncio
import itertools
from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from uuid import UUID

from soak.checker import Verdict, check
from soak.history import Deed, Did, History
from soak.writers import truth, waiting
from tests.server.live.handsets import Handset
from tests.server.live.stage import Somebody
from tests.server.live.world import NODES, World
from tests.waiting import until

AUTHORS, FOLLOWERS = 3, 3
LATELY = 4
FOREIGN = "0-0"
"""A position that is none of ours."""


class Life:
    """Time is a count of what happens here. Whoever is named by a number is the author, follower or node of that number.

    A deed that denies something ends when every node knows of it and nothing is on its way any more: from then on nothing
    of it may be heard.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._stage = world.stage
        self._authors: list[Somebody] = []
        self._handsets: list[Handset] = []
        count = itertools.count()
        self.history = History(clock=lambda: next(count))
        self._shown: list[tuple[int, UUID]] = []
        self.follows: set[tuple[int, int]] = set()
        self.blocks: set[tuple[int, int, bool]] = set()
        self._turn = 0
        self._positions: list[list[str]] = [[] for _ in range(FOLLOWERS)]

    async def begin(self) -> None:
        """Everybody is connected once and follows everybody; the first author for good."""
        self._authors = [await self._stage.somebody() for _ in range(AUTHORS)]
        self._handsets = [Handset(self._stage, await self._stage.somebody(), self.history) for _ in range(FOLLOWERS)]
        for follower in range(FOLLOWERS):
            for author in range(AUTHORS):
                await self._follow(follower, author)
            await self.connect(follower, follower % NODES)

    async def end(self) -> Verdict:
        """Everything is mended and everybody comes back once more; what is missing then is lost."""
        await self._world.heal()
        people = [one.id for one in (*self._authors, *(handset.who for handset in self._handsets))]
        while await waiting(self._stage.pool, people):
            await asyncio.sleep(0.01)
        for handset in self._handsets:
            await handset.cut()
            await handset.reach(*self._urls)
        (last,) = await self.publish(0)  # everybody follows him, and it comes after everything else
        for handset in self._handsets:
            while str(last) not in handset.heard:
                if not handset.connected:
                    await handset.reach(*self._urls)
                await asyncio.sleep(0.01)
        await truth(self._stage.pool, people, self.history)
        for handset in self._handsets:
            await handset.cut()
        return check(self.history.records, grace=0)

    def keep(self, path: Path) -> None:
        """Write down what happened, for whoever wants to see why it went wrong."""
        with path.open("wb") as file:
            for record in self.history.records:
                History.write(file, record)

    # Publishing

    async def amid_publications(self, *what: Coroutine[Any, Any, object]) -> None:
        """All of this while the authors take turns in publishing."""
        self._turn += 1
        await asyncio.gather(*what, self.publish(self._turn % AUTHORS, 1 + self._turn % 2))

    async def publish(self, author: int, times: int = 1) -> list[UUID]:
        """So many at the same moment."""
        began = self.history.now
        found = await asyncio.gather(*(self._stage.publish(self._authors[author]) for _ in range(times)))
        self._published(author, began, *found)
        return list(found)

    async def publish_crosswise(self, first: int, second: int) -> None:
        """The first begins earlier and commits later than the second, whose publication all nodes have taken by then."""
        began = self.history.now
        async with self._stage.publishing(self._authors[first]) as video_id:
            (other,) = await self.publish(second)
            for node in self._world.nodes:
                await node.applied(other)
        self._published(first, began, video_id)

    async def all_hear(self) -> None:
        """Every author publishes; whoever is connected and follows hears it without coming back."""
        published = [(author, *await self.publish(author)) for author in range(AUTHORS)]
        for follower, handset in enumerate(self._handsets):
            owed = {str(video_id) for author, video_id in published if (follower, author) in self.follows}
            await until(lambda: owed <= set(handset.heard) or not handset.connected, "what is owed")  # noqa: B023 - awaited here

    async def put_away(self, which: int, follower: int, node: int, *, delete: bool) -> None:
        """Hide or delete something that was shown lately, while a phone is away that comes back right afterwards."""
        await self.cut(follower)
        await self.publish(0)
        author, video_id = self._shown.pop(-1 - which % min(len(self._shown), LATELY))
        began, who = self.history.now, self._authors[author]
        await (self._stage.delete(who, video_id) if delete else self._stage.hide(who, video_id))
        await self._world.gone(video_id)
        await self._world.settled(*self._handsets)
        self._did(who, "delete" if delete else "hide", str(video_id), began)
        await self.connect(follower, node)

    def _published(self, author: int, began: float, *video_ids: UUID) -> None:
        for video_id in video_ids:
            self._shown.append((author, video_id))
            self._did(self._authors[author], "publish", str(video_id), began)

    # Following

    def may_follow(self, follower: int, author: int) -> bool:
        """Whether there is no block between the two."""
        return not self.blocks & {(follower, author, True), (follower, author, False)}

    async def follow(self, follower: int, author: int) -> None:
        """From then on everything is heard, also what is published before any node knows."""
        await self._follow(follower, author)
        (video_id,) = await self.publish(author)
        handset = self._handsets[follower]
        await until(lambda: str(video_id) in handset.heard or not handset.connected, "what is published after a follow")

    async def unfollow(self, follower: int, author: int) -> None:
        began, fan = self.history.now, self._handsets[follower].who
        await self._stage.unfollow(fan, self._authors[author])
        await self._parted(follower, author)
        self._did(fan, "unfollow", str(self._authors[author].id), began)

    async def block(self, follower: int, author: int, *, by_author: bool) -> None:
        began, (who, whom) = self.history.now, self._pair(follower, author, by_author)
        await self._stage.block(who, whom)
        self.blocks.add((follower, author, by_author))
        await self._parted(follower, author)
        self._did(who, "block", str(whom.id), began)

    async def unblock(self, follower: int, author: int, *, by_author: bool) -> None:
        began, (who, whom) = self.history.now, self._pair(follower, author, by_author)
        await self._stage.unblock(who, whom)
        self.blocks.remove((follower, author, by_author))
        self._did(who, "unblock", str(whom.id), began)

    async def _follow(self, follower: int, author: int) -> None:
        began, fan = self.history.now, self._handsets[follower].who
        await self._stage.follow(fan, self._authors[author])
        self.follows.add((follower, author))
        self._did(fan, "follow", str(self._authors[author].id), began)

    async def _parted(self, follower: int, author: int) -> None:
        self.follows.discard((follower, author))
        await self._world.parted(self._handsets[follower].who, self._authors[author])
        await self._world.settled(*self._handsets)

    def _pair(self, follower: int, author: int, by_author: bool) -> tuple[Somebody, Somebody]:
        fan, who = self._handsets[follower].who, self._authors[author]
        return (who, fan) if by_author else (fan, who)

    # Connecting

    def connected(self, follower: int) -> bool:
        return self._handsets[follower].connected

    async def connect(self, follower: int, node: int) -> None:
        """From where it was, to this node, or to another one where this one sends it away."""
        urls = self._urls
        await self._handsets[follower].reach(*urls[node:], *urls[:node])

    async def cut(self, follower: int) -> None:
        handset = self._handsets[follower]
        await handset.cut()
        self._positions[follower].append(handset.phone.position or FOREIGN)

    def remember(self, follower: int, which: int) -> None:
        """It has forgotten what it was told since some other time; or everything, and has a position that is none of ours."""
        positions = [*self._positions[follower], FOREIGN]
        self._handsets[follower].phone.position = positions[which % len(positions)]

    @property
    def _urls(self) -> list[str]:
        return [node.url for node in self._world.nodes]

    def _did(self, who: Somebody, deed: Deed, what: str, began: float) -> None:
        self.history.note(Did(str(who.id), deed, what, began, self.history.now))
