"""How often something happened under a name in the last minutes, hours and days: over all processes, on the broker's server.

Names are 16 bytes. They are spread by their last byte over PARTITIONS hashes, so that a process that has counted for a second
sends one command for each, however many names there are. A hash says itself since when it has counted: one that was lost with
its server begins anew, and says so. Which names were the busiest of the last hour is kept beside each hash.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from struct import Struct
from typing import Any, NamedTuple

from pubsub.commands import Command, Commands, answered
from pubsub.script import Script
from pubsub.windows_scripts import ADD, BUSIEST, LOOK, RAISE, SETTLE, TRIM

NAME_BYTES = 16
PARTITIONS = 256
MOST_NAMES = 40_000
"""In a partition, ten million in all: further ones are not counted, and the partition says that it misses some."""
MOST_BUSY = 100
"""Names of a partition that are known to be the busiest of the last hour, 25,600 in all."""
MOST_WAITING = 100_000
"""Numbers that a process keeps for a server that is away, each of a name and a minute; beyond these it loses them and says so."""
MOST_AT_ONCE = 100
"""Names that one command counts or asks: a millisecond of the server. A flush has 25,600 at most; the others wait."""
RAISED_AT_ONCE, TRIMMED_AT_ONCE = 25, 200
PARTITIONS_AT_ONCE = 8
"""Whose busiest names are asked in one go: some milliseconds of this process, and one of the server for each."""

EPOCH = 1_577_836_800
"""2020 began, in UTC; from then on minutes, hours and days are counted, so that three bytes hold them."""
MINUTE = 60
HOUR_MINUTES, DAY_MINUTES = 60, 1440

_HEAD = Struct(">HH")
_ENTRY = Struct(">BHI")
_SINCE = Struct(">IIBH")
_MOST = 0xFFFF_FFFF

_BUSY = ":busy"
_ADD, _BUSIEST = Script(ADD, _BUSY), Script(BUSIEST, _BUSY)
_LOOK, _RAISE, _SETTLE, _TRIM = (Script(text) for text in (LOOK, RAISE, SETTLE, TRIM))


class Sums(NamedTuple):
    """How often it happened: in so many whole minutes, hours or days and in the running one."""

    m5: int = 0
    m30: int = 0
    h1: int = 0
    d7: int = 0
    d30: int = 0


class Coverage(NamedTuple):
    """Since when a partition has counted everything.

    Attributes:
        minutes: since this second, by the minute and the hour.
        days: since this second, by the day, for days may be raised to what others know of them.
        raised: the day on which they were, last.
    """

    minutes: int
    days: int
    raised: int


class Found(NamedTuple):
    """What is known of a name; `coverage` is its partition's, None where that has never counted."""

    sums: Sums
    coverage: Coverage | None


class _Batch(NamedTuple):
    """What was sent and has not been answered: it is sent again as it was, and counts once."""

    turn: int
    lost: bool
    numbers: bytes


class Windows:
    """Numbers under names, in windows. One task flushes."""

    def __init__(self, commands: Commands, prefix: str, now: Callable[[], float] = time.time) -> None:
        """`now` tells the seconds since 1970; one that is ahead of the server's clock is not believed there."""
        self._commands = commands
        self._prefix = prefix
        self._now = now
        self._node = secrets.token_bytes(8)
        self._turn = 0
        self._waiting: dict[bytes, int] = {}  # of a name with its minute
        self._sent: dict[int, _Batch] = {}
        self._lost: set[int] = set()  # partitions that have to be told

    @property
    def minute(self) -> int:
        """The one that runs."""
        return (self._second - EPOCH) // MINUTE

    @property
    def _second(self) -> int:
        return int(self._now())

    # Counting

    def count(self, happened: Iterable[tuple[bytes, int, int]]) -> None:
        """Count what happened: names, in which minute and how often. `flush` sends it."""
        waiting, last, packed = self._waiting, -1, b""
        for name, minute, number in happened:
            if minute != last:
                last, packed = minute, max(minute, 0).to_bytes(3, "big")
            key = name + packed
            waiting[key] = waiting.get(key, 0) + number
        if len(waiting) > MOST_WAITING:
            self._waiting.clear()
            self._lost.update(range(PARTITIONS))

    async def flush(self) -> None:
        """Send what waits, each number once. What a server has not answered is kept, and sent again by the next flush.

        Raises:
            BrokerUnavailable: a server has not answered.
        """
        self._take()
        if not self._sent:
            return
        partitions, batches = list(self._sent), list(self._sent.values())
        calls = [
            (self._key(partition), (self._second, MOST_NAMES, MOST_BUSY, self._node, batch.turn, int(batch.lost), batch.numbers))
            for partition, batch in zip(partitions, batches, strict=True)
        ]
        found = await _ADD.run(self._commands, calls)
        for partition, batch, answer in zip(partitions, batches, found, strict=True):
            if not isinstance(answer, Exception):
                del self._sent[partition]
                if batch.lost:
                    self._lost.discard(partition)
        answered(found)

    def _take(self) -> None:
        """Make batches of what waits, for the partitions that owe no answer."""
        taken: dict[int, list[bytes]] = {partition: [] for partition in self._lost if partition not in self._sent}
        left: dict[bytes, int] = {}
        for key, number in self._waiting.items():
            partition = key[NAME_BYTES - 1]
            if (some := taken.get(partition)) is None:
                some = taken[partition] = []
            if partition in self._sent or len(some) == MOST_AT_ONCE:
                left[key] = number
            else:
                some.append(key + number.to_bytes(4, "big"))
        self._waiting = left
        self._turn += 1
        for partition, some in taken.items():
            if partition not in self._sent:
                self._sent[partition] = _Batch(self._turn, partition in self._lost, b"".join(some))

    # Reading

    async def of(self, names: Iterable[bytes]) -> dict[bytes, Found]:
        """What is known of each; none whose server is away.

        Raises:
            BrokerUnavailable: every server is.
        """
        asked = [(key, some) for key, partition in self._by_partition(names).items() for some in _slices(partition)]
        found = await self._commands.run([Command(key, ("HMGET", key, "since", *some)) for key, some in asked])
        minute, known = self.minute, {}
        for (_, some), answer in zip(asked, found, strict=True):
            if isinstance(answer, list):
                coverage = _coverage(answer[0])
                known.update({name: Found(_sums(kept, minute), coverage) for name, kept in zip(some, answer[1:], strict=True)})
        return known

    async def busiest(self) -> dict[bytes, Found]:
        """Those that happened most in the last hour, MOST_BUSY of each partition at most; none whose server is away.

        Raises:
            BrokerUnavailable: no server of some partitions answers.
        """
        known: dict[bytes, Found] = {}
        for first in range(0, PARTITIONS, PARTITIONS_AT_ONCE):
            known |= await self._busiest_in(range(first, first + PARTITIONS_AT_ONCE))
        return known

    async def _busiest_in(self, partitions: Iterable[int]) -> dict[bytes, Found]:
        known: dict[bytes, Found] = {}
        found = await _BUSIEST.run(self._commands, [(self._key(partition), (self._second,)) for partition in partitions])
        minute = self.minute
        for answer in found:
            if isinstance(answer, list):
                since, names, kept = _coverage(answer[0]), answer[1::2], answer[2::2]
                known.update({name: Found(_sums(one, minute), since) for name, one in zip(names, kept, strict=True)})
        return known

    async def coverage(self) -> list[Coverage]:
        """Of all partitions; those that have never counted begin now.

        Raises:
            BrokerUnavailable
        """
        calls = [(self._key(partition), (self._second,)) for partition in range(PARTITIONS)]
        return [found for answer in answered(await _LOOK.run(self._commands, calls)) if (found := _coverage(answer))]

    # Keeping in order

    async def raise_to(self, days: Mapping[bytes, Sequence[tuple[int, int]]], *, anew: bool) -> None:
        """Raise names to what is known of their days by others: (day, number), in rising order.

        What a day has too little is put into its last hour, or the running one. No number gets less. With `anew` the day that
        has left the hours in part is put there as a whole: for a partition that has lost it.

        Raises:
            BrokerUnavailable: any number of them may have been raised; once more does no harm.
        """
        calls = []
        for key, names in self._by_partition(days).items():
            for some in _slices(names, RAISED_AT_ONCE):
                packed = b"".join(name + _known(days[name]) for name in some)
                calls.append((key, (self._second, MOST_NAMES, int(anew), packed)))
        answered(await _RAISE.run(self._commands, calls))

    async def settle(self, partition: int, coverage: Coverage) -> bool:
        """Say what days are known after they were raised; False when the partition has begun anew meanwhile.

        Raises:
            BrokerUnavailable
        """
        call = (self._key(partition), (self._second, coverage.minutes, coverage.days, coverage.raised))
        (done,) = answered(await _SETTLE.run(self._commands, [call]))
        return bool(done)

    async def trim(self, partition: int) -> None:
        """Forget what no window holds any more, in a partition.

        Raises:
            BrokerUnavailable
        """
        cursor: Any = b"0"
        while True:
            call = (self._key(partition), (self._second, cursor, TRIMMED_AT_ONCE))
            (cursor,) = answered(await _TRIM.run(self._commands, [call]))
            if cursor == b"0":
                return

    async def forget(self, names: Iterable[bytes]) -> None:
        """As if nothing had happened under these names.

        Raises:
            BrokerUnavailable
        """
        asked = [(key, some) for key, partition in self._by_partition(names).items() for some in _slices(partition)]
        gone = [Command(key, ("HDEL", key, *some)) for key, some in asked]
        idle = [Command(key, ("ZREM", key + _BUSY, *some)) for key, some in asked]
        answered(await self._commands.run(gone + idle))

    def _key(self, partition: int) -> str:
        return f"{self._prefix}{{{partition:02x}}}"

    def _by_partition(self, names: Iterable[bytes]) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        for name in names:
            found.setdefault(self._key(partition_of(name)), []).append(name)
        return found


def partition_of(name: bytes) -> int:
    """Where a name is counted."""
    return name[NAME_BYTES - 1]


def second_of(minute: int) -> int:
    """When a minute began, in seconds since 1970."""
    return minute * MINUTE + EPOCH


def _slices(names: Sequence[bytes], most: int = MOST_AT_ONCE) -> list[Sequence[bytes]]:
    return [names[first : first + most] for first in range(0, len(names), most)]


def _known(days: Sequence[tuple[int, int]]) -> bytes:
    packed = (_ENTRY.pack(day >> 16, day & 0xFFFF, min(number, _MOST)) for day, number in days)
    return len(days).to_bytes(1, "big") + b"".join(packed)


def _coverage(packed: bytes | None) -> Coverage | None:
    if packed is None:
        return None
    minutes, days, high, low = _SINCE.unpack(packed)
    return Coverage(minutes, days, high << 16 | low)


def _sums(kept: bytes | None, minute: int) -> Sums:
    if kept is None:
        return Sums()
    minutes, hours = _HEAD.unpack_from(kept)
    buckets = [(high << 16 | low, number) for high, low, number in _ENTRY.iter_unpack(kept[_HEAD.size :])]

    def since(first: int, last: int | None, oldest: int) -> int:
        return sum(number for bucket, number in buckets[first:last] if bucket >= oldest)

    return Sums(
        m5=since(0, minutes, minute - 5),
        m30=since(0, minutes, minute - 30),
        h1=since(0, minutes, minute - 60),
        d7=since(minutes, minutes + hours, minute // HOUR_MINUTES - 168),
        d30=since(minutes + hours, None, minute // DAY_MINUTES - 30),
    )
