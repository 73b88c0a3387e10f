"""Small secrets that live for seconds and can be taken once, on the broker's server."""

from redis.asyncio import Redis

from pubsub.valkey import bounded


class Once:
    """Values under names that nobody can guess."""

    def __init__(self, commands: Redis, prefix: str) -> None:
        self._commands = commands
        self._prefix = prefix

    async def put(self, name: str, value: bytes, seconds: int) -> None:
        """Keep a value for so long.

        Raises:
            BrokerUnavailable: it is not kept.
        """
        async with bounded():
            await self._commands.set(self._prefix + name, value, ex=seconds)

    async def take(self, name: str) -> bytes | None:
        """The value, which is gone afterwards; None when it was taken before, has expired or never was.

        Raises:
            BrokerUnavailable: whether it was taken is not known.
        """
        async with bounded():
            found = await self._commands.getdel(self._prefix + name)
        return found if isinstance(found, bytes) else None
