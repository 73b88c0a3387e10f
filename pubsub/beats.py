"""Heartbeats of ours through the nodes of a cluster: a node that lives, and does not pass on what is sent, is noticed."""

import asyncio
import logging
import secrets
from contextlib import suppress

from pubsub.broker import BrokerUnavailable, Listener
from pubsub.commands import Command
from pubsub.link import slot_of
from pubsub.nodes import Nodes
from pubsub.shards import Node, Shards

BEAT_SECONDS = 2.0
UNHEARD_BEATS = 4
"""After so many of a node in succession its link is given up: about eight seconds, twelve where it lets us wait each time."""

log = logging.getLogger(__name__)


class Beats:
    """A listener that keeps one channel of its own in each node and says something there; the rest it passes on.

    A ping asks whether a server answers. It may answer, and have been replaced meanwhile by one to which others send.
    """

    def __init__(self, nodes: Nodes, listener: Listener) -> None:
        self._cluster = nodes
        self._name = secrets.token_hex(8)
        self._unheard: dict[str, int] = {}  # of each channel, the beats since one was heard
        self._by_node: dict[Node, str] = {}
        self._listener = listener
        self.interrupted = listener.interrupted
        self.restored = listener.restored

    def received(self, channel: str, payload: bytes) -> None:
        """See `Listener`."""
        if channel in self._unheard:
            self._unheard[channel] = 0
        else:
            self._listener.received(channel, payload)

    async def run(self, shards: Shards) -> None:
        """Beat; it ends only by being cancelled."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                self._settle(shards)
                await self._beat()
            except Exception:
                log.exception("a heartbeat stumbled")

    def _settle(self, shards: Shards) -> None:
        """One channel for each node that we listen to, in a slot that it has."""
        for node in [node for node in self._by_node if node not in shards.nodes]:
            self._end(shards, node)
        for node in list(shards.nodes):
            channel = self._by_node.get(node)
            if channel is not None and self._cluster.topology.owner(slot_of(channel)) != node.address:
                self._end(shards, node)
                channel = None
            if channel is None and (beside := next(iter(node.subscription.wanted), None)) is not None:
                channel = self._by_node[node] = f"reelwire:beat:{{{_tag(beside)}}}:{self._name}"
                self._unheard[channel] = 0
                shards.want([channel])

    def _end(self, shards: Shards, node: Node) -> None:
        channel = self._by_node.pop(node)
        del self._unheard[channel]
        shards.leave([channel])

    async def _beat(self) -> None:
        heard = {node: channel for node, channel in self._by_node.items() if node.subscription.heard(channel)}
        self._unheard = {channel: self._unheard[channel] + 1 if node in heard else 0 for node, channel in self._by_node.items()}
        for node, channel in heard.items():
            if self._unheard[channel] > UNHEARD_BEATS:
                self._unheard[channel] = 0
                self._cluster.doubt()
                node.subscription.abort("heartbeats through it are not heard")
        with suppress(BrokerUnavailable):
            await self._cluster.run([Command(channel, ("SPUBLISH", channel, b"")) for channel in heard.values()])


def _tag(channel: str) -> str:
    """What alone chooses the slot of a channel."""
    return channel.partition("{")[2].partition("}")[0] or channel
