"""Who is present under a name: counted over all processes, and forgotten with those that were killed."""

from pathlib import Path

import pytest

from pubsub.broker import BrokerUnavailable
from pubsub.commands import Command
from pubsub.link import slot_of
from pubsub.opening import open_commands
from pubsub.roster import Present, Roster
from server.kit.ids import new_id
from tests.valkeys import Server, own_cluster


@pytest.fixture
def prefix() -> str:
    """Of a test's own, for servers are shared."""
    return f"test:{new_id()}:"


async def test_everybody_is_told_where_there_are_more_than_may_be(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as one, open_commands(server.url) as two:
        here, there = Roster(one, prefix, 600), Roster(two, prefix, 600)
        assert await here.keep([Present("ann", [b"a", b"b"]), Present("ben", [b"c"])], 2) == [[], []]
        assert await here.keep([Present("ann", [b"a", b"b"])], 2) == [[]]  # again, and counted once
        (everywhere,) = await there.keep([Present("ann", [b"d"])], 2)
        assert sorted(everywhere) == [b"a", b"b", b"d"]
        assert await here.keep([Present("ann", [b"b"], [b"a"])], 2) == [[]]


async def test_whoever_is_not_kept_again_is_forgotten(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as commands:
        killed, alive = Roster(commands, prefix, 1), Roster(commands, prefix, 600)
        await killed.keep([Present("ann", [b"a", b"b"])], 2)
        await alive.keep([Present("ann", [b"c"])], 2)
        while (await alive.keep([Present("ann", [b"c"])], 0))[0] != [b"c"]:
            pass
        (left,) = await commands.run([Command(prefix + "ann", ("TTL", prefix + "ann"))])
        assert 0 < left <= 600


async def test_a_name_without_anybody_takes_no_room(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as commands:
        roster = Roster(commands, prefix, 600)
        await roster.keep([Present("ann", [b"a"])], 2)
        exists = Command(prefix + "ann", ("EXISTS", prefix + "ann"))
        assert await commands.run([exists]) == [1]
        assert await roster.keep([Present("ann", [], [b"a"])], 2) == [[]]
        assert await commands.run([exists]) == [0]


async def test_names_on_the_nodes_that_live_are_kept_while_one_is_dead(tmp_path: Path, prefix: str) -> None:
    async with own_cluster(tmp_path) as cluster, open_commands(cluster.url) as commands:
        roster = Roster(commands, prefix, 600)
        names = [f"{{{number}}}" for number in range(12)]
        assert await roster.keep([Present(name, [b"a", b"b"]) for name in names], 1) == [[b"a", b"b"]] * 12
        await cluster.nodes[0].kill()
        found = await roster.keep([Present(name, [b"a", b"b"]) for name in names], 1)
        alive = [slot_of(name) * 3 // 16384 > 0 for name in names]
        assert found == [[b"a", b"b"] if living else [] for living in alive]
        assert 0 < sum(alive) < 12


async def test_a_server_that_is_away_is_said_and_one_that_comes_back_empty_is_filled_anew(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as commands:
        roster = Roster(commands, prefix, 600)
        await roster.keep([Present("ann", [b"a"])], 2)
        await server.kill()
        with pytest.raises(BrokerUnavailable):
            await roster.keep([Present("ann", [b"a"])], 2)
        await server.start()
        assert await roster.keep([Present("ann", [b"b"])], 0) == [[b"b"]]
