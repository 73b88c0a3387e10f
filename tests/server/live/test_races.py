"""Clients come back at the very moment when authors publish and follows end or begin: what is due comes once, and in order.

`REELWIRE_RACES=1000 ./reelwire test tests/server/live/test_races.py` runs a thousand of these races.
"""

import asyncio
import math
import os
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple
from uuid import UUID

import pytest
from websockets import ConnectionClosed

from server.kit.invalidation import INVALIDATIONS
from server.live.log import Position
from server.live.ring import Ring
from tests.server.live.stage import Late, Node, Somebody, Stage, position_now
from tests.sockets import Ear
from tests.waiting import until

RACES = int(os.environ.get("REELWIRE_RACES", "20"))
SEED = 20261126
MOST_REPLAYED = 6
TURNS = 400
"""Something begins within so many turns of the event loop, in which a client gets from its welcome to what it missed."""
MOST_CUTS = 3
FOREIGN = "0-0"
"""A position that is none of ours."""
SEQS = "SELECT video_id, seq FROM publication WHERE author_id = ANY($1) AND seq > $2"
NEWEST = "SELECT id FROM invalidation WHERE account_id = $1 AND kind = 'follow' AND subject_id = $2 ORDER BY id DESC LIMIT 1"

Fate = Literal["kept", "begun", "ended", "blocks", "blocked"]
ENDS: tuple[Fate, ...] = ("ended", "blocks", "blocked")
FATES: tuple[Fate, ...] = ("kept", "begun", *ENDS)
"""What becomes of the follow in a race."""


def seq_of(position: str) -> int:
    found = Position.read(position)
    assert found is not None
    return found.seq


@dataclass
class Ground:
    """Where all races take place: two nodes, a fan, an author who is followed for good, and another one."""

    stage: Stage
    nodes: list[Node]
    fan: Somebody
    loved: Somebody
    other: Somebody
    position: str
    """The last one that the fan was told."""

    def __post_init__(self) -> None:
        self.late = Late(self.stage.announcer)
        self._news: Counter[UUID] = Counter()
        for node in self.nodes:
            node.app[INVALIDATIONS].listen(lambda event: self._news.update([event.id]))

    async def prepare(self, fate: Fate) -> None:
        """As it must be before a race, while the fan is away."""
        for who, whom in ((self.fan, self.other), (self.other, self.fan)):
            await self.stage.unblock(who, whom)
        await self.stage.follow(self.fan, self.other)
        if fate == "begun":
            await self.meet("ended")

    async def meet(self, fate: Fate) -> None:
        """What becomes of the follow happens; of its end all nodes know afterwards."""
        match fate:
            case "begun":  # and the nodes hear of it when the test says so, or when they look
                await replace(self.stage, announcer=self.late).follow(self.fan, self.other)
            case "ended":
                await self.stage.unfollow(self.fan, self.other)
            case "blocks":
                await self.stage.block(self.fan, self.other)
            case "blocked":
                await self.stage.block(self.other, self.fan)
        if fate in ENDS:
            news = await self.stage.pool.fetchval(NEWEST, self.fan.id, self.other.id)
            await until(lambda: self._news[news] == len(self.nodes), "the end of a follow")


class Reload(NamedTuple):
    """The fan was told that what it missed between two positions is not replayed."""

    after: str
    up_to: str


class Race:
    """One of them. What happens when is drawn by lot, and the machine has its say as well.

    Attributes:
        due: must come, unless the fan is told to reload.
        forbidden: must not come.
    """

    def __init__(self, ground: Ground, nth: int) -> None:
        self._ground = ground
        self._nth = nth
        self._lot = random.Random(f"{SEED}-{nth}")
        self._fate = FATES[nth % len(FATES)]
        self._met = False
        self._begun = asyncio.Event()
        self._ears: list[Ear] = []
        self._asked: set[Ear] = set()
        self._silent_since = (math.inf, 0)
        self._reloads: list[Reload] = []
        self._marker = ""
        self.due: set[str] = set()
        self.forbidden: set[str] = set()

    async def run(self) -> None:
        ground, lot = self._ground, self._lot
        await ground.prepare(self._fate)
        self._since = seq_of(ground.position)
        if lot.random() < 0.05:
            ground.position = FOREIGN
        missed = [await self._publish_somebodys() for _ in range(lot.randrange(MOST_REPLAYED - 2))]
        if lot.random() < 0.3:
            await self._meet()
            if self._fate in ENDS:
                self.forbidden.update(video_id for author, video_id in missed if author is ground.other)
        if lot.random() < 0.5:  # PostgreSQL answers the resume, and not memory
            for hub in (node.gateway.hub for node in ground.nodes):
                hub.ring = Ring(hub.applied)
                hub.bodies._known.clear()
        if lot.random() < 0.3:  # all of it happens already while the fan connects, and not only when it resumes
            self._begun.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(), name="fan")
            await self._begun.wait()
            await asyncio.gather(self._publish_some(), self._meet_soon())
            ground.late.let_go()
            await self._publish(ground.other)
            self._marker = await self._publish(ground.loved)

    # Authors

    async def _publish_some(self) -> None:
        for _ in range(self._lot.randrange(1, 5)):
            await self._a_while()
            await self._publish_somebodys()

    async def _publish_somebodys(self) -> tuple[Somebody, str]:
        author = self._lot.choice((self._ground.loved, self._ground.other))
        return author, await self._publish(author)

    async def _publish(self, author: Somebody) -> str:
        ground, fate, met = self._ground, self._fate, self._met
        video_id = str(await ground.stage.publish(author))
        if author is ground.loved or fate == "kept" or (fate == "begun" and met):
            self.due.add(video_id)
        elif fate in ENDS and met:
            self.forbidden.add(video_id)
        return video_id

    # The fan

    async def _meet_soon(self) -> None:
        await self._a_while()
        if not self._met:
            await self._meet()

    async def _meet(self) -> None:
        await self._ground.meet(self._fate)
        self._met = True
        if self._fate in ENDS:
            await self._fall_silent()

    async def _fall_silent(self) -> None:
        """From here on nothing of the other author may come, whenever it was published: only what is on its way already."""
        nth, place = len(self._ears) - 1, 0
        if nth >= 0 and (ear := self._ears[nth]) in self._asked:
            with suppress(ConnectionClosed):
                await ear.say(type="ping")
            await until(lambda: ear.task.done() or any(frame["type"] == "pong" for frame in ear.frames), "the pong")
            place = len(ear.videos)
        self._silent_since = nth, place

    async def _listen(self) -> None:
        """Connect and resume until the race is over; now and then the connection is lost."""
        ground = self._ground
        while not self._over:
            enough = self._lot.randrange(1, 6) if len(self._ears) < MOST_CUTS and self._lot.random() < 0.5 else 1_000
            async with self._lot.choice(ground.nodes).listen(ground.fan) as ear:
                self._ears.append(ear)
                await ear.of_type("welcome")
                self._begun.set()
                await self._a_while()
                await ear.say(type="resume", position=ground.position)
                self._asked.add(ear)
                await until(lambda: self._over or ear.task.done() or len(ear.frames) >= enough or self._told_away(ear), "the end")  # noqa: B023
                if self._told_away(ear):  # and so, perhaps, of what ends the race
                    self._marker = await self._publish(ground.loved)
                    await until(lambda: self._over or ear.task.done(), "the end of a race")
                if not self._over:
                    ear.cut()
            self._note(ear)

    def _told_away(self, ear: Ear) -> bool:
        return bool(self._marker) and any(frame.get("recovered") is False for frame in ear.frames)

    def _note(self, ear: Ear) -> None:
        """A client keeps its position until it is caught up."""
        ground = self._ground
        caught_up = next((frame for frame in ear.frames if frame["type"] == "caught_up"), None)
        if caught_up is not None:
            if not caught_up["recovered"]:
                self._reloads.append(Reload(ground.position, caught_up["position"]))
            ground.position = ear.position

    async def _a_while(self) -> None:
        for _ in range(self._lot.randrange(TURNS)):
            await asyncio.sleep(0)

    @property
    def videos(self) -> list[str]:
        """What came in all sessions, without repeats."""
        return list(dict.fromkeys(video_id for ear in self._ears for video_id in ear.videos))

    @property
    def _over(self) -> bool:
        return bool(self._marker) and self._marker in self.videos

    # Afterwards

    async def check(self) -> None:
        """That the promises were kept."""
        ground = self._ground
        authors = [ground.loved.id, ground.other.id]
        seqs = {str(row["video_id"]): row["seq"] for row in await ground.stage.pool.fetch(SEQS, authors, self._since)}
        told = max((seq_of(reload.up_to) for reload in self._reloads), default=0)
        missing = {video_id for video_id in self.due - set(self.videos) if seqs[video_id] > told}
        assert not missing, f"lost in race {self._nth}: {missing}"
        assert not self.forbidden & set(self.videos), f"of somebody who is not followed any more, in race {self._nth}"
        for nth, ear in enumerate(self._ears):
            late = ear.videos[self._silent_from(nth) :]
            assert str(ground.other.id) not in map(self._by, late), f"after everybody knew of the end, in race {self._nth}"
        for author in (ground.loved, ground.other):
            numbers = [seqs[video_id] for video_id in self.videos if self._by(video_id) == str(author.id)]
            assert numbers == sorted(numbers), f"out of order in race {self._nth}"
        for after, up_to in self._reloads:
            gap = [seq for seq in seqs.values() if seq_of(after) < seq <= seq_of(up_to)]
            assert after == FOREIGN or len(gap) > MOST_REPLAYED, f"told to reload for no reason in race {self._nth}"

    def _silent_from(self, nth: int) -> int:
        """How many publications of this session came before the other author's had to end."""
        silent, place = self._silent_since
        return 0 if nth > silent else place if nth == silent else len(self._ears[nth].videos)

    def _by(self, video_id: str) -> str:
        events = (frame["data"] for ear in self._ears for frame in ear.frames if frame.get("event") == "video.published")
        found: str = next(video["author"]["id"] for video in events if video["id"] == video_id)
        return found


@pytest.mark.timeout(60 + RACES)
async def test_what_is_due_comes_once_and_in_order_whoever_publishes_or_unfollows_at_the_same_moment(
    stage: Stage, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.live.clocks.HOLD_SECONDS", 120.0)  # nobody resumes late, however slow the machine is
    monkeypatch.setattr("server.live.clocks.MOST_HELD_SECONDS", 120.0)
    monkeypatch.setattr("server.live.resume.MOST_REPLAYED", MOST_REPLAYED)
    nodes = [node, await stage.node()]
    fan, loved, other = await stage.somebody(), await stage.somebody(), await stage.somebody()
    await stage.follow(fan, loved)
    ground = Ground(stage, nodes, fan, loved, other, await position_now(node, fan))
    for nth in range(RACES):
        race = Race(ground, nth)
        await race.run()
        await race.check()
