"""Buckets that many processes take from: never more passes than is there, and the server's clock alone fills them."""

import asyncio
import sys
from pathlib import Path

import pytest

from pubsub.broker import BrokerUnavailable
from pubsub.buckets import Buckets, Take, Taken
from pubsub.commands import Command
from pubsub.link import slot_of
from pubsub.opening import open_commands
from server.kit.ids import new_id
from tests.valkeys import Server, own_cluster

OTHER_PROCESS = """
import asyncio, sys
from pubsub.buckets import Buckets, Take, Taken
from pubsub.opening import open_commands

async def main(url, prefix, tries):
    async with open_commands(url) as commands:
        buckets = Buckets(commands, prefix)
        async def one():
            (found,) = await buckets.take([Take("ann", 50, 86400)])
            assert isinstance(found, Taken), found
            return found.passes
        print(sum(await asyncio.gather(*(one() for _ in range(tries)))))

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


@pytest.fixture
def prefix() -> str:
    """Of a test's own, for servers are shared."""
    return f"test:{new_id()}:"


async def taken(buckets: Buckets, wish: Take) -> Taken:
    (found,) = await buckets.take([wish])
    assert isinstance(found, Taken)
    return found


async def test_so_many_pass_as_the_bucket_holds_and_it_is_said_how_many_are_left(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as commands:
        buckets = Buckets(commands, prefix)
        found = [await taken(buckets, Take("ann", 3, 86_400)) for _ in range(5)]
        assert [(each.passes, each.left) for each in found] == [(True, 2), (True, 1), (True, 0), (False, 0), (False, 0)]
        assert all(0 < each.seconds <= 86_400 / 3 for each in found)
        assert (await taken(buckets, Take("ben", 3, 86_400))).passes


async def test_it_fills_evenly_and_a_full_one_takes_no_memory(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as commands:
        buckets = Buckets(commands, prefix)
        quick = Take("ann", 100, 1)
        assert (await taken(buckets, quick._replace(taken=100))).passes
        while not (await taken(buckets, quick)).passes:
            pass
        while await commands.run([Command(prefix + "ann", ("EXISTS", prefix + "ann"))]) != [0]:
            pass


async def test_several_are_taken_all_or_none(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as commands:
        buckets = Buckets(commands, prefix)
        assert (await taken(buckets, Take("ann", 5, 86_400, taken=3))).passes
        assert not (await taken(buckets, Take("ann", 5, 86_400, taken=3))).passes
        assert (await taken(buckets, Take("ann", 5, 86_400, taken=2))).passes


async def test_what_is_given_back_can_be_taken_again_and_no_bucket_is_fuller_than_full(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as commands:
        buckets = Buckets(commands, prefix)
        one = Take("ann", 2, 86_400)
        assert [(await taken(buckets, one)).passes for _ in range(3)] == [True, True, False]
        await taken(buckets, one._replace(taken=-1))
        assert [(await taken(buckets, one)).passes for _ in range(2)] == [True, False]
        for _ in range(5):
            await taken(buckets, one._replace(taken=-1))
        assert [(await taken(buckets, one)).passes for _ in range(3)] == [True, True, False]


async def test_a_server_whose_clock_was_set_back_refuses_nobody_for_longer_than_an_empty_bucket(
    server: Server, prefix: str
) -> None:
    async with open_commands(server.url) as commands:
        buckets = Buckets(commands, prefix)
        in_a_century = str(5_000_000_000 * 1_000_000)
        await commands.run([Command(prefix + "ann", ("SET", prefix + "ann", in_a_century))])
        refused = await taken(buckets, Take("ann", 10, 100))
        assert (refused.passes, refused.left) == (False, 0)
        assert 0 < refused.seconds <= 100 / 10
        quick = Take("ben", 100, 1)
        await commands.run([Command(prefix + "ben", ("SET", prefix + "ben", in_a_century))])
        while not (await taken(buckets, quick)).passes:
            pass


async def test_two_processes_together_never_pass_more_than_there_is(server: Server, prefix: str) -> None:
    argv = (sys.executable, "-c", OTHER_PROCESS, server.url, prefix, "100")
    others = [await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE) for _ in range(2)]
    async with asyncio.timeout(60):
        told = [(await other.communicate())[0] for other in others]
    assert sum(map(int, told)) == 50


async def test_where_a_node_of_a_cluster_is_dead_the_others_still_decide(tmp_path: Path, prefix: str) -> None:
    async with own_cluster(tmp_path) as cluster, open_commands(cluster.url) as commands:
        buckets = Buckets(commands, prefix)
        wishes = [Take(f"{{{number}}}", 2, 86_400) for number in range(12)]
        assert all(isinstance(found, Taken) and found.passes for found in await buckets.take(wishes))
        await cluster.nodes[0].kill()
        alive = [slot_of(wish.name) * 3 // 16384 > 0 for wish in wishes]
        assert [isinstance(found, Taken) for found in await buckets.take(wishes)] == alive


async def test_a_server_that_is_away_is_said_and_one_that_comes_back_empty_has_full_buckets(server: Server, prefix: str) -> None:
    async with open_commands(server.url) as commands:
        buckets = Buckets(commands, prefix)
        one = Take("ann", 1, 86_400)
        assert [(await taken(buckets, one)).passes for _ in range(2)] == [True, False]
        await server.kill()
        with pytest.raises(BrokerUnavailable):
            await buckets.take([one])
        await server.start()
        assert (await taken(buckets, one)).passes
