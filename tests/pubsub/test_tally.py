"""Numbers under names, summed over all processes, and forgotten with those that were killed."""

from pathlib import Path

import pytest

from pubsub.broker import BrokerUnavailable
from pubsub.commands import Command
from pubsub.link import slot_of
from pubsub.opening import open_commands
from pubsub.tally import Tally
from server.kit.ids import new_id
from tests.valkeys import Server, own_cluster


@pytest.fixture
def prefix() -> str:
    """Of a test's own, for servers are shared."""
    return f"test:{new_id()}:"


async def test_the_sum_is_over_all_nodes_and_each_counts_once(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as one, open_commands(server.url) as two:
        here, there = Tally(one, prefix, 600), Tally(two, prefix, 600)
        assert await here.keep("here", {"clip": 3, "film": 1}) == [3, 1]
        assert await there.keep("there", {"clip": 4, "film": 0}) == [7, 1]
        assert await here.keep("here", {"clip": 2}) == [6]
        assert await there.keep("there", {"clip": 0}) == [2]


async def test_a_node_that_does_not_tell_again_is_forgotten(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as commands:
        killed, alive = Tally(commands, prefix, 0.2), Tally(commands, prefix, 600)
        assert await killed.keep("killed", {"clip": 5}) == [5]
        await alive.keep("alive", {"clip": 1})
        while await alive.keep("alive", {"clip": 1}) != [1]:
            pass
        (left,) = await commands.run([Command(prefix + "clip", ("TTL", prefix + "clip"))])
        assert 0 < left <= 600


async def test_a_name_without_numbers_takes_no_room(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as commands:
        tally = Tally(commands, prefix, 600)
        await tally.keep("here", {"clip": 1})
        exists = Command(prefix + "clip", ("EXISTS", prefix + "clip"))
        assert await commands.run([exists]) == [1]
        assert await tally.keep("here", {"clip": 0}) == [0]
        assert await commands.run([exists]) == [0]


async def test_where_a_node_of_a_cluster_is_dead_each_counts_its_own(tmp_path: Path, prefix: str) -> None:
    async with own_cluster(tmp_path) as cluster, open_commands(cluster.url) as commands:
        tally = Tally(commands, prefix, 600)
        names = [f"{{{number}}}" for number in range(12)]
        await tally.keep("there", dict.fromkeys(names, 5))
        assert await tally.keep("here", dict.fromkeys(names, 1)) == [6] * 12
        await cluster.nodes[0].kill()
        alive = [slot_of(name) * 3 // 16384 > 0 for name in names]
        assert await tally.keep("here", dict.fromkeys(names, 1)) == [6 if living else 1 for living in alive]
        assert 0 < sum(alive) < 12


async def test_a_server_that_is_away_is_said_and_one_that_comes_back_empty_is_filled_anew(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as commands:
        tally = Tally(commands, prefix, 600)
        await tally.keep("here", {"clip": 1})
        await server.kill()
        with pytest.raises(BrokerUnavailable):
            await tally.keep("here", {"clip": 1})
        await server.start()
        assert await tally.keep("there", {"clip": 2}) == [2]
