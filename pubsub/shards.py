"""The subscription on a cluster: each channel is heard on the node that has its slot, and follows the slot."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress

from pubsub import subscription
from pubsub.broker import BrokerUnavailable, Listener
from pubsub.link import SHARDED, slot_of
from pubsub.nodes import Nodes
from pubsub.subscription import Subscription
from pubsub.target import Address, Target


class Node:
    """The subscription on one node, with its task, and what it tells `Shards`."""

    def __init__(self, shards: "Shards", target: Target) -> None:
        self._shards = shards
        self.address = target.address
        self.received: Callable[[str, bytes], None] = shards.listener.received
        self.subscription = Subscription(target, SHARDED, self, shards.changed, self._moved)
        self.task = asyncio.create_task(self.subscription.run(), name=f"broker subscription on {self.address}")

    def interrupted(self) -> None:
        """See `Listener`; `changed` tells."""

    def restored(self) -> None:
        """See `Listener`; `changed` tells."""

    def _moved(self, slot: int, to: str) -> None:
        self._shards.moved(self, slot, Address.read(to, self.address) if to else None)


class Shards:
    """What is wanted, and the nodes that hear it. Links are made to nodes of which something is wanted, and no others."""

    def __init__(self, target: Target, nodes: Nodes, listener: Listener) -> None:
        self._target = target
        self._cluster = nodes
        self._by_slot: dict[int, dict[str, None]] = {}  # every wanted channel
        self._placed: dict[int, Node] = {}  # where the channels of a slot are joined
        self._unheard: set[str] = set()  # these we should hear, and do not
        self._nodes: dict[Address, Node] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._up = False
        self.listener = listener

    @property
    def nodes(self) -> Collection[Node]:
        """Every node that we listen to."""
        return self._nodes.values()

    async def close(self) -> None:
        """Listen to nobody any more."""
        tasks = {node.task for node in self._nodes.values()} | self._ending
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def join(self, channels: Collection[str]) -> None:
        """See `Broker.join`."""
        self.want(channels)
        why = "channels were not joined in time"
        with suppress(TimeoutError):
            async with asyncio.timeout(subscription.JOIN_SECONDS):
                while missing := [channel for channel in channels if not self._heard(channel)]:
                    if any(map(self._hopeless, missing)):
                        why = "the node of a channel is away"
                        break
                    self._news.clear()
                    await self._news.wait()
                else:
                    return
        # Whoever is told that it is not heard will be told when it is.
        self._unheard.update(channel for channel in channels if self._wanted(channel))
        self.changed()
        raise BrokerUnavailable(why)

    def want(self, channels: Collection[str]) -> None:
        """Join without waiting for it."""
        slots = set()
        for channel in channels:
            slot = slot_of(channel)
            wanted = self._by_slot.setdefault(slot, {})
            if channel not in wanted:
                wanted[channel] = None
                slots.add(slot)
        for slot in slots:
            self._place(slot)

    def leave(self, channels: Collection[str]) -> None:
        """See `Broker.leave`."""
        for channel in channels:
            slot = slot_of(channel)
            wanted = self._by_slot.get(slot, {})
            if channel in wanted:
                del wanted[channel]
                self._unheard.discard(channel)
                if slot in self._placed:
                    self._placed[slot].subscription.leave([channel])
            if not wanted:
                self._by_slot.pop(slot, None)
                self._placed.pop(slot, None)
        self.changed()

    def assign(self) -> None:
        """The topology may have changed: put each slot where it belongs, and give up nodes that have nothing."""
        for slot in list(self._by_slot):
            node = self._placed.get(slot)
            if node is not None and node.address != self._cluster.topology.owner(slot):
                node.subscription.leave(list(self._by_slot[slot]))
                self._displace(slot)
            self._place(slot)
        idle = {node.address for node in self._nodes.values() if not node.subscription.wanted}
        for address in idle - self._cluster.topology.owners:
            self._end(self._nodes.pop(address))
        self.changed()

    # From the nodes

    def moved(self, node: Node, slot: int, to: Address | None) -> None:
        """A node has not got this slot any more."""
        if self._placed.get(slot) is node:
            node.subscription.forget(list(self._by_slot[slot]))
            self._displace(slot)
            self.changed()
        if to is not None:
            self._cluster.moved(slot, to)
        self._cluster.doubt()

    def changed(self) -> None:
        """Something is heard, or is not heard any more: tell the listener if that makes a difference."""
        failing = [node for node in self._nodes.values() if node.subscription.failing]
        for node in failing:
            self._unheard.update(node.subscription.wanted)
        self._unheard = {channel for channel in self._unheard if not self._heard(channel)}
        up = self._cluster.known.is_set() and not self._unheard
        if up and not self._up:
            self._up = True
            self.listener.restored()
        elif self._up and not up:
            self._up = False
            self.listener.interrupted()
        if failing:
            self._cluster.doubt()
        self._news.set()

    def _heard(self, channel: str) -> bool:
        node = self._placed.get(slot_of(channel))
        return node is not None and node.subscription.heard(channel)

    def _hopeless(self, channel: str) -> bool:
        """Whether waiting for it is of no use, as far as we know."""
        node = self._placed.get(slot_of(channel))
        return node.subscription.failing if node is not None else not self._cluster.known.is_set()

    def _wanted(self, channel: str) -> bool:
        return channel in self._by_slot.get(slot_of(channel), ())

    def _displace(self, slot: int) -> None:
        del self._placed[slot]
        self._unheard.update(self._by_slot[slot])

    def _place(self, slot: int) -> None:
        """Join the slot's channels where it is now; nowhere while that is not known, and `assign` will."""
        address = self._cluster.topology.owner(slot)
        node = self._placed.get(slot)
        if node is None:
            if address is None:
                self._cluster.doubt()
                self._unheard.update(self._by_slot[slot])
                return
            node = self._placed[slot] = self._nodes.get(address) or self._begin(address)
        node.subscription.want(self._by_slot[slot])

    def _begin(self, address: Address) -> Node:
        node = self._nodes[address] = Node(self, self._target.at(address))
        return node

    def _end(self, node: Node) -> None:
        node.task.cancel()
        self._ending.add(node.task)
        node.task.add_done_callback(self._ending.discard)
