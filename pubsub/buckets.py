"""Token buckets on the broker's server: how often something may happen under a name, over all processes together."""

from collections.abc import Sequence
from typing import NamedTuple

from pubsub.broker import BrokerUnavailable
from pubsub.commands import Commands, Word
from pubsub.script import Script

# The generic cell rate algorithm: one number for each bucket, the moment at which it will be full again, in microseconds.
# KEYS: the name. ARGV: how many it holds, microseconds until one more is there, how many are taken; less than 0 gives back.
# The server's clock counts, for those of our hosts may differ. Should it be set back, no bucket is emptier than empty.
_TAKE = Script("""
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local each, taken = tonumber(ARGV[2]), tonumber(ARGV[3])
local whole = ARGV[1] * each
local kept = tonumber(redis.call('GET', KEYS[1]) or now)
local full = math.min(math.max(kept, now), now + whole)
local then_full = math.max(full + taken * each, now)
local passes = then_full - now <= whole
if passes then
    full = then_full
end
if full ~= kept then
    redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.max(math.ceil((full - now) / 1000), 1))
end
local free = now + whole - full
local missing = passes and each - free % each or taken * each - free
return {passes and 1 or 0, math.floor(free / each), math.ceil(missing)}
""")
MICROSECONDS = 1_000_000


class Take(NamedTuple):
    """A wish to take so many out of the bucket of this name, which holds `quota` and is filled evenly within `seconds`."""

    name: str
    quota: int
    seconds: int
    taken: int = 1


class Taken(NamedTuple):
    """What came of it.

    Attributes:
        passes: whether they were there, and were taken; all of them or none.
        left: how many can be taken now.
        seconds: until there is one more; of those who did not pass, until what they wanted is there.
    """

    passes: bool
    left: int
    seconds: float


class Buckets:
    """Buckets under names; a full one takes no memory."""

    def __init__(self, commands: Commands, prefix: str) -> None:
        self._commands = commands
        self._prefix = prefix

    async def take(self, wishes: Sequence[Take]) -> list[Taken | BrokerUnavailable]:
        """What came of each, in this order; each is decided by itself, and racing ones never pass a bucket together.

        In the place of one whose node of a cluster is away the reason stands; it may have been taken.

        Raises:
            BrokerUnavailable: every server is away; any number of them may have been taken.
        """
        calls: list[tuple[str, Sequence[Word]]] = [
            (self._prefix + wish.name, (wish.quota, wish.seconds * MICROSECONDS // wish.quota, wish.taken)) for wish in wishes
        ]
        return [_read(answer) for answer in await _TAKE.run(self._commands, calls)]


def _read(answer: object) -> Taken | BrokerUnavailable:
    match answer:
        case [int(passes), int(left), int(missing)]:
            return Taken(bool(passes), left, missing / MICROSECONDS)
        case BrokerUnavailable():
            return answer
        case _:  # an error reply: it loads its data, is out of memory, or only a replica
            return BrokerUnavailable(repr(answer))
