"""Opens what a URL asks for: one server, or a cluster."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pubsub import target
from pubsub.broker import Broker, Listener
from pubsub.cluster import ClusterBroker
from pubsub.commands import Commands
from pubsub.nodes import Nodes
from pubsub.pokes import Deaf
from pubsub.valkey import ServerCommands, ValkeyBroker


@asynccontextmanager
async def open_broker(url: str, listener: Listener | None = None) -> AsyncIterator[Broker]:
    """A broker with its task, for as long as the block lasts. It opens without waiting for any server.

    Raises:
        ValueError: the URL cannot be used.
    """
    listener = listener or Deaf()
    broker: ValkeyBroker | ClusterBroker
    if target.is_cluster(url):
        broker = ClusterBroker(*target.read_cluster(url), listener)
    else:
        broker = ValkeyBroker(target.read(url), listener)
    task = asyncio.create_task(broker.run(), name="broker subscription")
    try:
        yield broker
    finally:
        task.cancel()
        await asyncio.wait([task])
        await broker.close()


@asynccontextmanager
async def open_commands(url: str) -> AsyncIterator[Commands]:
    """For commands, for as long as the block lasts. It opens without waiting for any server.

    Raises:
        ValueError: the URL cannot be used.
    """
    if not target.is_cluster(url):
        server = ServerCommands(target.read(url))
        try:
            yield server
        finally:
            await server.close()
        return
    nodes = Nodes(*target.read_cluster(url))
    task = asyncio.create_task(nodes.keep(), name="cluster topology")
    try:
        yield nodes
    finally:
        task.cancel()
        await asyncio.wait([task])
        await nodes.close()
