"""Marks on the broker's server: whether something was remembered under a name a while ago, on whatever process."""

from pubsub.commands import Command, Commands, answered


class Marks:
    """Each is forgotten by itself."""

    def __init__(self, commands: Commands, prefix: str, seconds: int) -> None:
        self._commands = commands
        self._prefix = prefix
        self._seconds = seconds

    async def put(self, name: str) -> None:
        """Remember it, from now on for as long as marks last.

        Raises:
            BrokerUnavailable: it may be remembered nevertheless.
        """
        key = self._prefix + name
        answered(await self._commands.run([Command(key, ("SET", key, 1, "EX", self._seconds))]))

    async def has(self, name: str) -> bool:
        """Whether it is remembered.

        Raises:
            BrokerUnavailable
        """
        key = self._prefix + name
        (found,) = answered(await self._commands.run([Command(key, ("EXISTS", key))]))
        return bool(found)
