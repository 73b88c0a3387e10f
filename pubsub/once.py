"""Small secrets that live for seconds and can be taken once, on the broker's server."""

from collections.abc import Sequence
from typing import Any

from pubsub.broker import BrokerUnavailable
from pubsub.commands import Command, Commands, answered


class Once:
    """Values under names that nobody can guess."""

    def __init__(self, commands: Commands, prefix: str) -> None:
        self._commands = commands
        self._prefix = prefix

    async def put(self, name: str, value: bytes, seconds: int) -> None:
        """Keep a value for so long.

        Raises:
            BrokerUnavailable: it is not kept.
        """
        key = self._prefix + name
        answered(await self._commands.run([Command(key, ("SET", key, value, "EX", seconds))]))

    async def take(self, names: Sequence[str]) -> list[bytes | BrokerUnavailable | None]:
        """The values, which are gone afterwards; None for what was taken before, has expired or never was.

        Where a server is away its reason stands in the place; whether that one was taken is not known.

        Raises:
            BrokerUnavailable: all servers that were asked are away.
        """
        keys = [self._prefix + name for name in names]
        found = await self._commands.run([Command(key, ("GETDEL", key)) for key in keys])
        return [_value(answer) for answer in found]


def _value(answer: Any) -> bytes | BrokerUnavailable | None:
    if isinstance(answer, bytes | BrokerUnavailable):
        return answer
    return BrokerUnavailable(repr(answer)) if isinstance(answer, Exception) else None
