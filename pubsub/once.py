"""Small secrets that live for seconds and can be taken once, on the broker's server."""

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

    async def take(self, name: str) -> bytes | None:
        """The value, which is gone afterwards; None when it was taken before, has expired or never was.

        Raises:
            BrokerUnavailable: whether it was taken is not known.
        """
        key = self._prefix + name
        (found,) = answered(await self._commands.run([Command(key, ("GETDEL", key))]))
        return found if isinstance(found, bytes) else None
