"""The broker on one Valkey or Redis: redis-py (the successor of aioredis) sends, a bare link listens."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

import redis
import redis.asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.driver_info import DriverInfo
from redis.exceptions import RedisError

from pubsub.broker import Broker, BrokerUnavailable, Listener, Message
from pubsub.pokes import Pokes
from pubsub.subscription import Subscription

COMMAND_SECONDS = 1.0
CONNECTIONS = 16


class Deaf:
    """The listener of a process that only sends, or that only waits for pokes."""

    def received(self, channel: str, payload: bytes) -> None:
        """Nobody is interested."""

    def interrupted(self) -> None:
        """Nobody is interested."""

    def restored(self) -> None:
        """Nobody is interested."""


class ValkeyBroker:
    """See `Broker` for what each method promises; `run` is the task that keeps it listening."""

    def __init__(self, url: str, listener: Listener) -> None:
        self._listener = listener
        self._pokes = Pokes()
        self._subscription = Subscription(url, self)
        self._commands = open_commands(url)

    async def run(self) -> None:
        await self._subscription.run()

    async def close(self) -> None:
        await self._commands.aclose()

    async def publish(self, messages: Sequence[Message]) -> None:
        async with bounded(), self._commands.pipeline(transaction=False) as pipeline:
            for channel, payload in messages:
                pipeline.publish(channel, payload)
            await pipeline.execute()

    async def join(self, channels: Collection[str]) -> None:
        await self._subscription.join(channels)

    async def leave(self, channels: Collection[str]) -> None:
        await self._subscription.leave(channels)

    async def wait_for_poke(self, channel: str, seconds: float) -> bool:
        if channel not in self._pokes:
            self._pokes.add(channel)
            self._subscription.want([channel])
        return await self._pokes.wait(channel, seconds)

    def received(self, channel: str, payload: bytes) -> None:
        """From the subscription."""
        if not self._pokes.raise_one(channel):
            self._listener.received(channel, payload)

    def interrupted(self) -> None:
        """From the subscription."""
        self._listener.interrupted()

    def restored(self) -> None:
        """From the subscription."""
        self._pokes.raise_all()
        self._listener.restored()


@asynccontextmanager
async def open_broker(url: str, listener: Listener | None = None) -> AsyncIterator[Broker]:
    """A broker with its task, for as long as the block lasts. It opens without waiting for the server."""
    broker = ValkeyBroker(url, listener or Deaf())
    task = asyncio.create_task(broker.run(), name="broker subscription")
    try:
        yield broker
    finally:
        task.cancel()
        await asyncio.wait([task])
        await broker.close()


def open_commands(url: str) -> aioredis.Redis:
    """A client for commands, to be used within `bounded`."""
    pool = aioredis.BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=COMMAND_SECONDS,
        # With a limit of its own it sends by asyncio.wait_for, which swallows a cancellation that comes when the bytes
        # have just left (Python before 3.12): a task that publishes could not be ended.
        socket_timeout=None,
        socket_connect_timeout=None,
        # Once more at once, for a pooled connection may have died with the server's last restart.
        retry=Retry(NoBackoff(), 1),
        # It would read its version from the disk for every new connection.
        driver_info=DriverInfo(lib_version=redis.__version__),
    )
    return aioredis.Redis.from_pool(pool)


@asynccontextmanager
async def bounded() -> AsyncIterator[None]:
    """Within, the client's failures are `BrokerUnavailable`, and so is what takes longer than COMMAND_SECONDS."""
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            yield
    except (RedisError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(repr(error)) from error
