"""The broker on one Valkey or Redis: redis-py (the successor of aioredis) sends, a bare link listens."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import hiredis
import redis
import redis.asyncio as aioredis
from redis.asyncio.connection import AbstractConnection, Connection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.driver_info import DriverInfo
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError, ResponseError

from pubsub.broker import BrokerUnavailable, Listener, Message
from pubsub.commands import Command, Word, answered
from pubsub.link import PLAIN
from pubsub.pokes import Pokes
from pubsub.subscription import Subscription
from pubsub.target import Target

COMMAND_SECONDS = 1.0
CONNECTIONS = 16
"""Of one process to one server, for commands."""


class ServerCommands:
    """Commands to one server; see `Commands` for what each method promises."""

    def __init__(self, target: Target) -> None:
        self._client = open_client(target)

    async def run(self, commands: Sequence[Command]) -> list[Any]:
        async with bounded():
            return await pipelined(self._client, [command.words for command in commands])

    async def ping(self) -> None:
        async with bounded():
            await self._client.ping()

    async def close(self) -> None:
        await self._client.aclose()


class ValkeyBroker:
    """See `Broker` for what each method promises; `run` is the task that keeps it listening."""

    def __init__(self, target: Target, listener: Listener) -> None:
        self._pokes = Pokes(listener)
        self._subscription = Subscription(target, PLAIN, self._pokes)
        self._commands = ServerCommands(target)

    async def run(self) -> None:
        await self._subscription.run()

    async def close(self) -> None:
        await self._commands.close()

    async def publish(self, messages: Sequence[Message]) -> None:
        answered(await self._commands.run([Command(channel, ("PUBLISH", channel, payload)) for channel, payload in messages]))

    async def ping(self) -> None:
        await self._commands.ping()

    async def join(self, channels: Collection[str]) -> None:
        await self._subscription.join(channels)

    def want(self, channels: Collection[str]) -> None:
        self._subscription.want(channels)

    def leave(self, channels: Collection[str]) -> None:
        self._subscription.leave(channels)

    async def wait_for_poke(self, channel: str, seconds: float) -> bool:
        if channel not in self._pokes:
            self._pokes.add(channel)
            self._subscription.want([channel])
        return await self._pokes.wait(channel, seconds)


async def pipelined(client: aioredis.Redis, commands: Sequence[tuple[Word, ...]]) -> list[Any]:
    """Say all of them at once; an error reply stands in the place of its answer."""
    if len(commands) == 1:  # by itself it costs half of what a pipeline of one does
        try:
            return [await client.execute_command(*commands[0])]  # type: ignore[no-untyped-call]
        except ResponseError as error:
            return [error]
    # Its own pipelines spend most of their time on putting words together.
    said = b"".join([hiredis.pack_command(cast("tuple[Any]", words)) for words in commands])
    connection: AbstractConnection = await client.connection_pool.get_connection()  # type: ignore[no-untyped-call]
    try:
        try:
            return await _said(client, connection, said, commands)
        except Disconnected:  # once more at once, as `open_client` has it
            return await _said(client, connection, said, commands)
    finally:
        await client.connection_pool.release(connection)


async def _said(
    client: aioredis.Redis, connection: AbstractConnection, said: bytes, commands: Sequence[tuple[Word, ...]]
) -> list[Any]:
    try:
        await connection.send_packed_command(said, check_health=False)
        return [await _answer(client, connection, words) for words in commands]
    except BaseException:
        await connection.disconnect(nowait=True)  # what it would say next is no answer to whoever asks next
        raise


async def _answer(client: aioredis.Redis, connection: AbstractConnection, words: tuple[Word, ...]) -> Any:
    try:
        return await client.parse_response(cast("Any", connection), cast("str", words[0]))
    except ResponseError as error:
        return error


def open_client(target: Target) -> aioredis.Redis:
    """A client of one server, to be used within `bounded`; it connects when it is needed."""
    place = {"path": target.path} if target.path else {"host": target.address.host, "port": target.address.port}
    pool = aioredis.BlockingConnectionPool(
        connection_class=UnixDomainSocketConnection if target.path else Connection,
        **place,
        db=target.database,
        username=target.username or None,
        password=target.password or None,
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
