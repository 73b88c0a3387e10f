"""The broker on a cluster of Valkey or Redis nodes: sharded pub/sub, so that each message passes one node and no others."""

import asyncio
from collections.abc import Collection, Sequence

from pubsub.beats import Beats
from pubsub.broker import Listener, Message
from pubsub.commands import Command, answered
from pubsub.nodes import Nodes
from pubsub.pokes import Pokes
from pubsub.shards import Shards
from pubsub.target import Address, Target


class ClusterBroker:
    """See `Broker` for what each method promises; `run` is the task that keeps it listening."""

    def __init__(self, target: Target, seeds: Sequence[Address], listener: Listener) -> None:
        self._pokes = Pokes(listener)
        self._nodes = Nodes(target, seeds, self._assign)
        self._beats = Beats(self._nodes, self._pokes)
        self._shards = Shards(target, self._nodes, self._beats)

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._nodes.keep(), name="broker topology")
                tasks.create_task(self._beats.run(self._shards), name="broker heartbeats")
        finally:
            await self._shards.close()

    async def close(self) -> None:
        await self._nodes.close()

    async def publish(self, messages: Sequence[Message]) -> None:
        answered(await self._nodes.run([Command(channel, ("SPUBLISH", channel, payload)) for channel, payload in messages]))

    async def ping(self) -> None:
        await self._nodes.ping()

    async def join(self, channels: Collection[str]) -> None:
        await self._shards.join(channels)

    def want(self, channels: Collection[str]) -> None:
        self._shards.want(channels)

    def leave(self, channels: Collection[str]) -> None:
        self._shards.leave(channels)

    async def wait_for_poke(self, channel: str, seconds: float) -> bool:
        if channel not in self._pokes:
            self._pokes.add(channel)
            self._shards.want([channel])
        return await self._pokes.wait(channel, seconds)

    def _assign(self) -> None:
        self._shards.assign()
