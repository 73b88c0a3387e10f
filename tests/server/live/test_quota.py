"""Twenty sessions per account, on all processes together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from pubsub.opening import open_commands
from pubsub.roster import Present, Roster
from server.kit.ids import new_id
from server.live import quota
from server.live.gateway import SESSIONS_PREFIX
from server.live.limits import SESSIONS_PER_ACCOUNT
from server.settings import SOCKET_SESSIONS, Settings
from tests.server.live.stage import Node, Somebody, Stage, staged
from tests.server.live.test_routes import ticket
from tests.sockets import Ear, listening
from tests.valkeys import OwnValkey, own_valkey

LOGGED_OUT = """
INSERT INTO session (account_id, id, user_agent, expires_at, revoked_at) VALUES ($1, $2, '', now() + interval '1 day', now())
"""


class Ears(AsyncExitStack):
    """Sessions of one account, in the order of their beginnings."""

    def __init__(self, who: Somebody) -> None:
        super().__init__()
        self._who = who
        self.opened: list[Ear] = []

    async def open(self, *nodes: Node) -> None:
        for node in nodes:
            ear = await self.enter_async_context(node.listen(self._who))
            self.opened.append(ear)
            await ear.of_type("welcome")


async def test_one_session_too_many_ends_the_oldest_on_another_process(stage: Stage, node: Node) -> None:
    other = await stage.node()
    async with Ears(await stage.somebody()) as ears:
        await ears.open(*[node, other] * (SESSIONS_PER_ACCOUNT // 2))
        for ear in ears.opened:
            await ear.answered()
        await ears.open(other)
        assert await ears.opened[0].closed() == (4008, "too many sessions")
        await ears.open(node)
        assert await ears.opened[1].closed() == (4008, "too many sessions")
        for ear in ears.opened[2:]:
            await ear.answered()


@pytest.mark.parametrize("socket_sessions", SOCKET_SESSIONS, indirect=True)
async def test_whoever_is_refused_pushes_nobody_out(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    async with Ears(ann) as ears:
        await ears.open(*[node] * SESSIONS_PER_ACCOUNT)
        await stage.pool.execute(LOGGED_OUT, ann.id, login_id := new_id())  # of which no process has heard
        gone = Somebody(ann.id, login_id, stage.token(ann.id, login_id))
        found = await ticket(node, gone)
        with pytest.raises(InvalidStatus):
            async with node.listen(gone):
                pass
        async with listening(node.url, query=f"?ticket={found}") as ear:
            assert (await ear.closed())[0] == 4001
        for ear in ears.opened:
            await ear.answered()
        await ears.open(node, node)
        for ear in ears.opened[:2]:
            assert await ear.closed() == (4008, "too many sessions")
        for ear in ears.opened[2:]:
            await ear.answered()


async def test_two_who_begin_together_push_out_the_two_oldest(stage: Stage, node: Node) -> None:
    async with Ears(await stage.somebody()) as ears:
        await ears.open(*[node] * SESSIONS_PER_ACCOUNT)
        await asyncio.gather(ears.open(node), ears.open(node))
        for ear in ears.opened[:2]:
            assert await ear.closed() == (4008, "too many sessions")
        for ear in ears.opened[2:]:
            await ear.answered()


async def test_a_session_that_has_ended_makes_room(stage: Stage, node: Node) -> None:
    other, ann = await stage.node(), await stage.somebody()
    async with Ears(ann) as ears:
        await ears.open(*[node] * (SESSIONS_PER_ACCOUNT - 1))
        async with Ears(ann) as gone:
            await gone.open(other)
            await counted(stage, ann, SESSIONS_PER_ACCOUNT)
        await counted(stage, ann, SESSIONS_PER_ACCOUNT - 1)
        await ears.open(other)
        await counted(stage, ann, SESSIONS_PER_ACCOUNT)
        for ear in ears.opened:
            await ear.answered()


async def test_sessions_of_a_killed_process_are_the_first_to_go(stage: Stage, node: Node) -> None:
    ann = await stage.somebody()
    async with open_commands(stage.settings.valkey_url) as commands:
        killed = [new_id().bytes for _ in range(SESSIONS_PER_ACCOUNT)]
        await Roster(commands, SESSIONS_PREFIX, 600).keep([Present(str(ann.id), killed)], SESSIONS_PER_ACCOUNT)
    async with Ears(ann) as ears:
        await ears.open(*[node] * SESSIONS_PER_ACCOUNT)
        await counted(stage, ann, 2 * SESSIONS_PER_ACCOUNT)
        for ear in ears.opened:
            await ear.answered()


async def counted(stage: Stage, who: Somebody, sessions: int) -> None:
    """Wait until so many of the account's sessions are known to everybody."""
    async with open_commands(stage.settings.valkey_url) as commands:
        roster = Roster(commands, SESSIONS_PREFIX, 600)
        while len((await roster.keep([Present(str(who.id), [])], 0))[0]) != sessions:
            await asyncio.sleep(0.01)


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[OwnValkey]:
    async with own_valkey(tmp_path) as found:
        yield found


async def test_while_valkey_is_away_each_process_counts_its_own_and_afterwards_all(
    settings: Settings, valkey: OwnValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "RETRY_LAST_SECONDS", 0.1)
    monkeypatch.setattr(quota, "QUOTA_REFRESH_SECONDS", 0.2)  # who is counted before they listen again is told by the next count
    async with staged(settings, valkey.url) as stage:
        node, other = await stage.node(), await stage.node()
        async with Ears(await stage.somebody()) as ears:
            await valkey.kill()
            await ears.open(*[node] * (SESSIONS_PER_ACCOUNT + 1), other)
            assert await ears.opened[0].closed() == (4008, "too many sessions")
            for ear in ears.opened[1:]:
                await ear.answered()
            await valkey.start()
            assert await ears.opened[1].closed() == (4008, "too many sessions")
            for ear in ears.opened[2:]:
                await ear.answered()
