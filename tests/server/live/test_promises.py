"""Whatever happens in whatever order, the promises of the socket are kept: the checker of the soak proves it for each story.

`REELWIRE_STORIES=200 ./reelwire test tests/server/live/test_promises.py` tells two hundred new ones.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as profile
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from server.settings import Settings
from tests.server.live.life import AUTHORS, FOLLOWERS, Life
from tests.server.live.world import NODES, World, world

STORIES = int(os.environ.get("REELWIRE_STORIES", "0"))
"""So many by chance, instead of the few that are the same every time."""
FEW, LENGTH = 6, 20
STEP_SECONDS = 120.0

T = TypeVar("T")

authors, followers, nodes = (st.integers(0, count - 1) for count in (AUTHORS, FOLLOWERS, NODES))
others = st.integers(1, AUTHORS - 1)
which = st.integers(0, 20)


async def _standing() -> list[str]:
    """Where each task is, for whoever wonders why a step does not end."""
    return [f"{task.get_name()} at {task.get_stack(limit=1)}" for task in asyncio.all_tasks()]


class Story(RuleBasedStateMachine):
    """What happens is decided in a thread of its own, step by step; it happens on the loop of the tests."""

    def __init__(self, around: World, loop: asyncio.AbstractEventLoop, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._loop = loop
        self._world = around
        self._life = Life(around)
        self._wait(self._life.begin())

    def _wait(self, what: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(what, self._loop)
        try:
            return future.result(STEP_SECONDS)
        except TimeoutError:
            where = asyncio.run_coroutine_threadsafe(_standing(), self._loop).result(STEP_SECONDS)
            future.cancel()
            raise AssertionError(f"a step took longer than {STEP_SECONDS:.0f} s; running: {where}") from None

    def _happens(self, *what: Coroutine[Any, Any, object]) -> None:
        """Each step has publications beside it, so that it races with them."""
        self._wait(self._life.amid_publications(*what))

    def teardown(self) -> None:
        verdict = self._wait(self._life.end())
        if verdict.broken:
            self._life.keep(self._folder / "story.jsonl")
        assert verdict.broken == [], f"the story is in {self._folder}"

    # People

    @rule(first=authors, later=st.integers(1, AUTHORS - 1))
    def publish_crosswise(self, first: int, later: int) -> None:
        self._happens(self._life.publish_crosswise(first, (first + later) % AUTHORS))

    @rule()
    def all_hear(self) -> None:
        self._happens(self._life.all_hear())

    @rule(which=which, follower=followers, node=nodes, delete=st.booleans())
    def put_away(self, which: int, follower: int, node: int, delete: bool) -> None:
        self._happens(self._life.put_away(which, follower, node, delete=delete))

    @rule(follower=followers, author=others)
    def follow_or_not(self, follower: int, author: int) -> None:
        if (follower, author) in self._life.follows:
            self._happens(self._life.unfollow(follower, author))
        elif self._life.may_follow(follower, author):
            self._happens(self._life.follow(follower, author))

    @rule(follower=followers, author=others, by_author=st.booleans())
    def block_or_not(self, follower: int, author: int, by_author: bool) -> None:
        if (follower, author, by_author) in self._life.blocks:
            self._happens(self._life.unblock(follower, author, by_author=by_author))
        else:
            self._happens(self._life.block(follower, author, by_author=by_author))

    # Phones

    @rule(follower=followers, node=nodes)
    def come_or_go(self, follower: int, node: int) -> None:
        if self._life.connected(follower):
            self._happens(self._life.cut(follower))
        else:
            self._happens(self._life.connect(follower, node))

    @rule(node=nodes)
    def all_come(self, node: int) -> None:
        away = [follower for follower in range(FOLLOWERS) if not self._life.connected(follower)]
        self._happens(*(self._life.connect(follower, node) for follower in away))

    @rule(follower=followers, which=which)
    def remember_another_position(self, follower: int, which: int) -> None:
        if not self._life.connected(follower):
            self._life.remember(follower, which)

    # Faults

    @rule(node=nodes, lost=st.booleans())
    def deafen_or_mend_a_node(self, node: int, lost: bool) -> None:
        if self._world.deaf(node):
            self._happens(self._world.mend(node, lost=lost))
        else:
            self._happens(self._world.deafen(node))

    @rule(kill=st.booleans())
    def strike_or_heal_valkey(self, kill: bool) -> None:
        self._happens(self._world.heal_valkey() if self._world.ill else self._world.strike_valkey(kill=kill))

    @rule(node=nodes)
    def restart_a_node(self, node: int) -> None:
        self._happens(self._world.restart(node))

    @rule(node=nodes)
    def a_node_forgets(self, node: int) -> None:
        self._happens(self._world.forget(node))

    @rule()
    def cut_the_database_off(self) -> None:
        self._happens(self._world.cut_database())


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is noticed soon: what is tested is that nothing is lost, however little the nodes wait for each other."""
    for name, seconds in {
        "server.kit.invalidation.POLL_SECONDS": 0.05,
        "server.live.hub.PULSELESS_SECONDS": 0.4,
        "server.live.hub.POLL_SECONDS": 0.05,
        "server.live.opening.JOIN_PATIENCE_SECONDS": 1.0,
        "server.live.watching.JOIN_PATIENCE_SECONDS": 1.0,
        "server.live.relay.PULSE_SECONDS": 0.1,
        "server.live.relay.OUTBOX_POLL_SECONDS": 0.05,
        "server.live.relay.RETRY_LAST_SECONDS": 0.3,
        "server.live.doubts.RETRY_LAST_SECONDS": 0.3,
        "pubsub.valkey.COMMAND_SECONDS": 0.5,
        "pubsub.subscription.PING_SECONDS": 0.3,
        "pubsub.subscription.JOIN_SECONDS": 0.3,
        "pubsub.subscription.LAST_DELAY": 0.2,
        "pubsub.link.CONNECT_SECONDS": 0.5,
    }.items():
        monkeypatch.setattr(name, seconds)


@pytest.fixture
async def around(settings: Settings, tmp_path: Path, patient_commands: None, impatient: None) -> AsyncIterator[World]:
    async with world(settings, tmp_path) as found:
        yield found


@pytest.mark.timeout(300 if not STORIES else 0)
async def test_every_story_keeps_the_promises(around: World, tmp_path: Path) -> None:
    told = profile(
        max_examples=STORIES or FEW,
        stateful_step_count=LENGTH,
        derandomize=not STORIES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=bool(STORIES),
    )
    loop = asyncio.get_running_loop()

    class ThisStory(Story):
        def __init__(self) -> None:
            super().__init__(around, loop, tmp_path)

    await asyncio.to_thread(run_state_machine_as_test, ThisStory, settings=told)
