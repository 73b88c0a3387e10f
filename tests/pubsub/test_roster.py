"""Who is present under a name: counted over all processes, and forgotten with those that were killed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pubsub.broker import BrokerUnavailable
from pubsub.roster import Present, Roster
from pubsub.valkey import open_commands
from tests.valkeys import OwnValkey, own_valkey

PREFIX = "test:"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OwnValkey]:
    async with own_valkey(tmp_path) as found:
        yield found


async def test_everybody_is_told_where_there_are_more_than_may_be(server: OwnValkey) -> None:
    async with open_commands(server.url) as one, open_commands(server.url) as two:
        here, there = Roster(one, PREFIX, 600), Roster(two, PREFIX, 600)
        assert await here.keep([Present("ann", [b"a", b"b"]), Present("ben", [b"c"])], 2) == [[], []]
        assert await here.keep([Present("ann", [b"a", b"b"])], 2) == [[]]  # again, and counted once
        (everywhere,) = await there.keep([Present("ann", [b"d"])], 2)
        assert sorted(everywhere) == [b"a", b"b", b"d"]
        assert await here.keep([Present("ann", [b"b"], [b"a"])], 2) == [[]]


async def test_whoever_is_not_kept_again_is_forgotten(server: OwnValkey) -> None:
    async with open_commands(server.url) as commands:
        killed, alive = Roster(commands, PREFIX, 1), Roster(commands, PREFIX, 600)
        await killed.keep([Present("ann", [b"a", b"b"])], 2)
        await alive.keep([Present("ann", [b"c"])], 2)
        while (await alive.keep([Present("ann", [b"c"])], 0))[0] != [b"c"]:
            pass
        assert 0 < await commands.ttl(PREFIX + "ann") <= 600


async def test_a_name_without_anybody_takes_no_room(server: OwnValkey) -> None:
    async with open_commands(server.url) as commands:
        roster = Roster(commands, PREFIX, 600)
        await roster.keep([Present("ann", [b"a"])], 2)
        assert await commands.exists(PREFIX + "ann")
        assert await roster.keep([Present("ann", [], [b"a"])], 2) == [[]]
        assert not await commands.exists(PREFIX + "ann")


async def test_a_server_that_is_away_is_said_and_one_that_comes_back_empty_is_filled_anew(server: OwnValkey) -> None:
    async with open_commands(server.url) as commands:
        roster = Roster(commands, PREFIX, 600)
        await roster.keep([Present("ann", [b"a"])], 2)
        await server.kill()
        with pytest.raises(BrokerUnavailable):
            await roster.keep([Present("ann", [b"a"])], 2)
        await server.start()
        assert await roster.keep([Present("ann", [b"b"])], 0) == [[b"b"]]
