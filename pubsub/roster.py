"""Who is present under a name, counted over all processes, on the broker's server."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from pubsub.broker import BrokerUnavailable
from pubsub.commands import Commands, Word, answered
from pubsub.script import Script

# KEYS: the name. ARGV: seconds, the most, how many are present, these, and then those who have gone.
# The server's clock counts, for those of our hosts may differ. One round trip and one command a name keep refreshing cheap.
_KEEP = Script("""
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for i = 4, #ARGV do
    if i - 3 <= tonumber(ARGV[3]) then
        redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i])
    else
        redis.call('ZREM', KEYS[1], ARGV[i])
    end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
if redis.call('ZCARD', KEYS[1]) > tonumber(ARGV[2]) then
    return redis.call('ZRANGE', KEYS[1], 0, -1)
end
return {}
""")


class Present(NamedTuple):
    """What one process knows of a name: who is present there, and who has gone."""

    name: str
    here: Collection[bytes]
    gone: Collection[bytes] = ()


class Roster:
    """Members under names; each has to be kept again within `seconds`, so that those of a killed process vanish."""

    def __init__(self, commands: Commands, prefix: str, seconds: int) -> None:
        self._commands = commands
        self._prefix = prefix
        self._seconds = seconds

    async def keep(self, presences: Sequence[Present], most: int) -> list[list[bytes]]:
        """Take these over. For each name everybody who is present anywhere where that is more than `most`, else nobody.

        A name whose server is away has nobody; keeping it again will tell.

        Raises:
            BrokerUnavailable: every server is away; any number of them may have been taken over.
        """
        calls: list[tuple[str, Sequence[Word]]] = []
        for name, here, gone in presences:
            calls.append((self._prefix + name, (self._seconds, most, len(here), *here, *gone)))
        found = await _KEEP.run(self._commands, calls)
        return answered([[] if isinstance(answer, BrokerUnavailable) else answer for answer in found])
