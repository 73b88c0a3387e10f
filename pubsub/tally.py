"""How many there are under a name, summed over all processes, on the broker's server."""

from collections.abc import Mapping

from pubsub.broker import BrokerUnavailable
from pubsub.commands import Commands, answered
from pubsub.script import Script

# KEYS: the name. ARGV: milliseconds, the node, its number. Each node's number is kept with the time at which it is believed no
# more, by the server's clock, for those of our hosts may differ.
_KEEP = Script("""
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
if tonumber(ARGV[3]) > 0 then
    redis.call('HSET', KEYS[1], ARGV[2], string.format('%d %.0f', ARGV[3], now + ARGV[1]))
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
else
    redis.call('HDEL', KEYS[1], ARGV[2])
end
local sum = 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
    local number, good_until = string.match(all[i + 1], '^(%d+) (%d+)$')
    if tonumber(good_until) <= now then
        redis.call('HDEL', KEYS[1], all[i])
    else
        sum = sum + number
    end
end
return sum
""")


class Tally:
    """Numbers under names; a node has to tell its own again within `seconds`, so that those of a killed one vanish."""

    def __init__(self, commands: Commands, prefix: str, seconds: float) -> None:
        self._commands = commands
        self._prefix = prefix
        self._milliseconds = int(seconds * 1000)

    async def keep(self, node: str, numbers: Mapping[str, int]) -> list[int]:
        """Take over how many this node has under each name. The sum over all nodes of each, in this order.

        A name whose server is away has this node's number alone; keeping it again will tell.

        Raises:
            BrokerUnavailable: every server is away; any number of them may have been taken over.
        """
        calls = [(self._prefix + name, (self._milliseconds, node, number)) for name, number in numbers.items()]
        found = await _KEEP.run(self._commands, calls)
        alone = numbers.values()
        return answered([own if isinstance(sum_, BrokerUnavailable) else sum_ for sum_, own in zip(found, alone, strict=True)])
