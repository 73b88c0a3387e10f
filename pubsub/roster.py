"""Who is present under a name, counted over all processes, on the broker's server."""

from collections.abc import Collection, Sequence
from hashlib import sha1
from typing import Any, NamedTuple

from redis.exceptions import NoScriptError

from pubsub.broker import BrokerUnavailable
from pubsub.commands import Command, Commands, Word, answered

# KEYS: the name. ARGV: seconds, the most, how many are present, these, and then those who have gone.
# The server's clock counts, for those of our hosts may differ. One round trip and one command a name keep refreshing cheap.
_KEEP = """
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
"""
_SHA1 = sha1(_KEEP.encode(), usedforsecurity=False).hexdigest()


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
        said: list[tuple[Word, ...]] = []
        for name, here, gone in presences:
            said.append((1, self._prefix + name, self._seconds, most, len(here), *here, *gone))
        found = await self._say("EVALSHA", _SHA1, said)
        # A server that does not know the script, because it is new or was restarted, learns it by hearing it once.
        unknown = [n for n, answer in enumerate(found) if isinstance(answer, NoScriptError)]
        if unknown:
            again = await self._say("EVAL", _KEEP, [said[n] for n in unknown])
            for n, answer in zip(unknown, again, strict=True):
                found[n] = answer
        return answered([[] if isinstance(answer, BrokerUnavailable) else answer for answer in found])

    async def _say(self, verb: str, script: str, said: Sequence[tuple[Word, ...]]) -> list[Any]:
        return await self._commands.run([Command(str(words[1]), (verb, script, *words)) for words in said])
