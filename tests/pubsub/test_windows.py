"""Numbers in windows: each counted once over all processes, gone when its window is over, and honest about what was lost."""

import time
from pathlib import Path
from typing import Any

import pytest

from pubsub import windows
from pubsub.broker import BrokerUnavailable
from pubsub.commands import Command, Commands
from pubsub.link import slot_of
from pubsub.opening import open_commands
from pubsub.windows import PARTITIONS, Coverage, Sums, Windows, second_of
from server.kit.ids import new_id
from tests.valkeys import Server, own_cluster

MINUTE, HOUR, DAY = 60, 3600, 86_400


class Clock:
    """Held, and in the past: a server does not believe one that is ahead of its own. It begins when an hour does."""

    def __init__(self) -> None:
        self.seconds = time.time() // DAY * DAY - 100 * DAY

    def __call__(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        self.seconds += seconds


class Deaf:
    """A way to a server on which commands arrive and answers do not, while `deaf`."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self.deaf = False

    async def run(self, commands: Any) -> list[Any]:
        found = await self._commands.run(commands)
        if self.deaf:
            raise BrokerUnavailable("no answer in time")
        return found

    async def ping(self) -> None:
        await self._commands.ping()


@pytest.fixture
def prefix() -> str:
    """Of a test's own, for servers are shared."""
    return f"test:{new_id()}:"


@pytest.fixture
def clock() -> Clock:
    return Clock()


def name(partition: int = 7) -> bytes:
    return new_id().bytes[:-1] + bytes([partition])


async def sums(of: Windows, asked: bytes) -> Sums:
    return (await of.of([asked]))[asked].sums


async def test_processes_count_together_and_each_once(server: Server, prefix: str, clock: Clock) -> None:
    async with open_commands(server.url) as commands:
        here, there = Windows(commands, prefix, clock), Windows(commands, prefix, clock)
        clip, film = name(), name(200)
        here.count([(clip, here.minute, 2)])
        here.count([(clip, here.minute, 1)])
        there.count([(clip, there.minute, 4)])
        there.count([(film, there.minute, 5)])
        for one in (here, there, here, there):
            await one.flush()
        found = await here.of([clip, film, nothing := name()])
        assert {each: one.sums for each, one in found.items()} == {
            clip: Sums(7, 7, 7, 7, 7),
            film: Sums(5, 5, 5, 5, 5),
            nothing: Sums(),
        }


async def test_each_window_forgets_when_it_is_over(server: Server, prefix: str, clock: Clock) -> None:
    async with open_commands(server.url) as commands:
        one, clip = Windows(commands, prefix, clock), name()
        one.count([(clip, one.minute, 3)])
        await one.flush()
        found = []
        for seconds in (5 * MINUTE, MINUTE, 24 * MINUTE, MINUTE, 29 * MINUTE, MINUTE, 7 * DAY, HOUR, 22 * DAY, 2 * DAY):
            clock.move(seconds)
            found.append(await sums(one, clip))
        assert found == [
            Sums(3, 3, 3, 3, 3), Sums(0, 3, 3, 3, 3),
            Sums(0, 3, 3, 3, 3), Sums(0, 0, 3, 3, 3),
            Sums(0, 0, 3, 3, 3), Sums(0, 0, 0, 3, 3),
            Sums(0, 0, 0, 0, 3), Sums(0, 0, 0, 0, 3),
            Sums(0, 0, 0, 0, 3), Sums(0, 0, 0, 0, 0),
        ]  # fmt: skip


async def test_what_is_told_late_is_put_where_it_happened_and_what_is_ahead_into_now(
    server: Server, prefix: str, clock: Clock
) -> None:
    async with open_commands(server.url) as commands:
        one, clip = Windows(commands, prefix, clock), name()
        for minutes_ago, number in ((0, 1), (20, 10), (7, 100), (50, 1000), (9 * 1440, 10_000), (40 * 1440, 100_000), (-90, 5)):
            one.count([(clip, one.minute - minutes_ago, number)])
            await one.flush()
        assert await sums(one, clip) == Sums(6, 116, 1116, 1116, 11_116)


async def test_the_busiest_name_takes_two_kilobytes_and_the_quietest_some_bytes(
    server: Server, prefix: str, clock: Clock
) -> None:
    async with open_commands(server.url) as commands:
        one, busy, quiet = Windows(commands, prefix, clock), name(), name()
        one.count([(quiet, one.minute, 1)])
        for hours_ago in (*range(24 * 32, 1, -1), *(minutes / 60 for minutes in range(120, -1, -1))):
            one.count([(busy, int(one.minute - hours_ago * 60), 1_000_000)])
        while True:
            await one.flush()
            if not one._waiting:
                break
        key = one._key(7)
        sizes = await commands.run([Command(key, ("HSTRLEN", key, each)) for each in (busy, quiet)])
        assert sizes == [4 + 7 * (61 + 169 + 31), 4 + 7 * 3]
        assert (await sums(one, busy)).h1 == 61_000_000


async def test_a_number_whose_answer_got_lost_counts_once(server: Server, prefix: str, clock: Clock) -> None:
    async with open_commands(server.url) as commands:
        way = Deaf(commands)
        one, clip = Windows(way, prefix, clock), name()
        one.count([(clip, one.minute, 3)])
        way.deaf = True
        for _ in range(3):
            with pytest.raises(BrokerUnavailable):
                await one.flush()
            one.count([(clip, one.minute, 1)])
        way.deaf = False
        await one.flush()
        assert await sums(one, clip) == Sums(3, 3, 3, 3, 3)
        await one.flush()
        assert await sums(one, clip) == Sums(6, 6, 6, 6, 6)


async def test_since_when_it_counts_is_said_and_what_a_server_lost_is_not_taken_for_nothing(
    server: Server, prefix: str, clock: Clock
) -> None:
    async with open_commands(server.url) as commands:
        one, clip = Windows(commands, prefix, clock), name()
        assert (await one.of([clip]))[clip].coverage is None
        began = int(clock())
        assert await one.coverage() == [Coverage(began + 1, began + 1, 0)] * PARTITIONS
        clock.move(DAY)
        one.count([(clip, one.minute, 1)])
        await one.flush()
        assert (await one.of([clip]))[clip].coverage == Coverage(began + 1, began + 1, 0)
        await server.kill()
        one.count([(clip, one.minute, 2)])
        with pytest.raises(BrokerUnavailable):
            await one.flush()
        await server.start()
        await one.flush()
        found = (await one.of([clip]))[clip]
        assert found == (Sums(2, 2, 2, 2, 2), Coverage(began + DAY + 1, began + DAY + 1, 0))


async def test_who_has_to_wait_for_too_long_says_that_some_are_lost(
    server: Server, prefix: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "MOST_WAITING", 5)
    async with open_commands(server.url) as commands:
        one = Windows(commands, prefix, clock)
        await one.coverage()
        clock.move(HOUR)
        for _ in range(7):
            one.count([(name(), one.minute, 1)])
        await one.flush()
        assert {each.minutes for each in await one.coverage()} == {int(clock()) + 1}
        clock.move(HOUR)
        one.count([(name(), one.minute, 1)])
        await one.flush()
        assert {each.minutes for each in await one.coverage()} == {int(clock()) + 1 - HOUR}


async def test_a_full_partition_counts_no_more_names_and_says_so(
    server: Server, prefix: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "MOST_NAMES", 4)  # with its beginning and the process
    async with open_commands(server.url) as commands:
        one, clips = Windows(commands, prefix, clock), [name() for _ in range(3)]
        await one.coverage()
        clock.move(HOUR)
        for clip in clips:
            one.count([(clip, one.minute, 1)])
        await one.flush()
        assert [each.sums.m5 for each in (await one.of(clips)).values()] == [1, 1, 0]
        found = await one.coverage()
        assert (found[7].minutes, found[8].minutes) == (int(clock()) + 1, int(clock()) + 1 - HOUR)


async def test_days_are_raised_and_never_lowered(server: Server, prefix: str, clock: Clock) -> None:
    async with open_commands(server.url) as commands:
        one, clip, film = Windows(commands, prefix, clock), name(), name(9)
        clock.move(12 * HOUR)
        today = one.minute // 1440
        one.count([(clip, one.minute - 1440, 5)])
        await one.flush()
        known = {clip: [(today - 31, 9), (today - 20, 2), (today - 1, 4)], film: [(today - 2, 6), (today, 3)]}
        for _ in range(2):
            await one.raise_to(known, anew=False)
        assert await sums(one, clip) == Sums(0, 0, 0, 5, 7)
        assert await sums(one, film) == Sums(0, 0, 0, 9, 9)
        # The seventh day before is in the window of hours in part: only who has lost it has it put there as a whole.
        for anew, seven_days in ((False, 9), (True, 17)):
            await one.raise_to({film: [(today - 7, 8)]}, anew=anew)
            assert await sums(one, film) == Sums(0, 0, 0, seven_days, 17)


async def test_days_are_known_once_they_were_raised_unless_it_began_anew_meanwhile(
    server: Server, prefix: str, clock: Clock
) -> None:
    async with open_commands(server.url) as commands:
        one = Windows(commands, prefix, clock)
        before = (await one.coverage())[7]
        today = one.minute // 1440
        known = Coverage(before.minutes, second_of((today - 30) * 1440), today)
        assert await one.settle(7, known)
        assert (await one.coverage())[7] == known
        key = one._key(7)
        await commands.run([Command(key, ("DEL", key))])
        clock.move(HOUR)
        assert not await one.settle(7, known)
        assert (await one.coverage())[7] == Coverage(int(clock()) + 1, int(clock()) + 1, 0)


async def test_what_is_over_is_forgotten_and_so_is_who_does_not_count_any_more(
    server: Server, prefix: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "TRIMMED_AT_ONCE", 10)
    async with open_commands(server.url) as commands:
        gone, one = Windows(commands, prefix, clock), Windows(commands, prefix, clock)
        old, late, deleted = [name() for _ in range(700)], name(), name()
        for each in (*old, late, deleted):
            gone.count([(each, gone.minute, 1)])
        while gone._waiting:
            await gone.flush()
        key = one._key(7)
        clock.move(20 * DAY)
        one.count([(late, one.minute, 1)])
        await one.flush()
        await one.forget([deleted])
        clock.move(11 * DAY)
        await one.trim(7)
        assert set((await commands.run([Command(key, ("HKEYS", key))]))[0]) == {b"since", late}
        assert await sums(one, late) == Sums(0, 0, 0, 0, 1)


async def test_the_busiest_of_the_last_hour_are_known_and_make_room_when_they_are_idle(
    server: Server, prefix: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "MOST_BUSY", 2)
    async with open_commands(server.url) as commands:
        one, (loud, clip, quiet), film = Windows(commands, prefix, clock), [name() for _ in range(3)], name(200)
        assert await one.busiest() == {}
        for each, number in ((loud, 9), (quiet, 1), (clip, 3), (film, 1)):
            one.count([(each, one.minute, number)])
        await one.flush()
        found = await one.busiest()
        assert {each: known.sums.h1 for each, known in found.items()} == {loud: 9, clip: 3, film: 1}
        assert found == await one.of(found)
        clock.move(50 * MINUTE)
        one.count([(clip, one.minute, 1), (quiet, one.minute, 2)])
        await one.flush()
        assert (await one.busiest()).keys() == {loud, clip, film}
        clock.move(11 * MINUTE)
        one.count([(quiet, one.minute, 1)])
        await one.flush()
        assert (await one.busiest()).keys() == {clip}  # what is idle was still in the way
        one.count([(quiet, one.minute, 1)])
        await one.flush()
        await one.forget([clip])
        assert {each: known.sums.h1 for each, known in (await one.busiest()).items()} == {quiet: 4}


async def test_where_a_node_of_a_cluster_is_dead_the_others_count_on(tmp_path: Path, prefix: str, clock: Clock) -> None:
    async with own_cluster(tmp_path) as cluster, open_commands(cluster.url) as commands:
        one = Windows(commands, prefix, clock)
        clips = [name(partition) for partition in range(0, PARTITIONS, 8)]
        alive = {clip for clip in clips if slot_of(one._key(clip[-1])) * 3 // 16384 > 0}
        assert 0 < len(alive) < len(clips)
        await cluster.nodes[0].kill()
        for _ in range(2):
            for clip in clips:
                one.count([(clip, one.minute, 1)])
            with pytest.raises(BrokerUnavailable):
                await one.flush()
        found = await one.of(clips)
        assert {clip: each.sums.m5 for clip, each in found.items()} == dict.fromkeys(alive, 2)
        assert await one.busiest() == {clip: each for clip, each in found.items() if clip in alive}
