"""Who is present under a name: counted over all processes, and forgotten with those that were killed."""

import pytest

from pubsub.broker import BrokerUnavailable
from pubsub.commands import Command
from pubsub.opening import open_commands
from pubsub.roster import Present, Roster
from tests.valkeys import Server

PREFIX = "test:"


async def test_everybody_is_told_where_there_are_more_than_may_be(server: Server) -> None:
    async with open_commands(server.url) as one, open_commands(server.url) as two:
        here, there = Roster(one, PREFIX, 600), Roster(two, PREFIX, 600)
        assert await here.keep([Present("ann", [b"a", b"b"]), Present("ben", [b"c"])], 2) == [[], []]
        assert await here.keep([Present("ann", [b"a", b"b"])], 2) == [[]]  # again, and counted once
        (everywhere,) = await there.keep([Present("ann", [b"d"])], 2)
        assert sorted(everywhere) == [b"a", b"b", b"d"]
        assert await here.keep([Present("ann", [b"b"], [b"a"])], 2) == [[]]


async def test_whoever_is_not_kept_again_is_forgotten(server: Server) -> None:
    async with open_commands(server.url) as commands:
        killed, alive = Roster(commands, PREFIX, 1), Roster(commands, PREFIX, 600)
        await killed.keep([Present("ann", [b"a", b"b"])], 2)
        await alive.keep([Present("ann", [b"c"])], 2)
        while (await alive.keep([Present("ann", [b"c"])], 0))[0] != [b"c"]:
            pass
        (left,) = await commands.run([Command(PREFIX + "ann", ("TTL", PREFIX + "ann"))])
        assert 0 < left <= 600


async def test_a_name_without_anybody_takes_no_room(server: Server) -> None:
    async with open_commands(server.url) as commands:
        roster = Roster(commands, PREFIX, 600)
        await roster.keep([Present("ann", [b"a"])], 2)
        exists = Command(PREFIX + "ann", ("EXISTS", PREFIX + "ann"))
        assert await commands.run([exists]) == [1]
        assert await roster.keep([Present("ann", [], [b"a"])], 2) == [[]]
        assert await commands.run([exists]) == [0]


async def test_a_server_that_is_away_is_said_and_one_that_comes_back_empty_is_filled_anew(server: Server) -> None:
    async with open_commands(server.url) as commands:
        roster = Roster(commands, PREFIX, 600)
        await roster.keep([Present("ann", [b"a"])], 2)
        await server.kill()
        with pytest.raises(BrokerUnavailable):
            await roster.keep([Present("ann", [b"a"])], 2)
        await server.start()
        assert await roster.keep([Present("ann", [b"b"])], 0) == [[b"b"]]
