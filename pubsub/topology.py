"""Which node of a cluster has which slot, as one of its nodes sees it."""

import random
from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from pubsub.target import Address

_FIRST = itemgetter(0)
QUESTION = (("CLUSTER", "INFO"), ("CLUSTER", "SLOTS"))


@dataclass(slots=True)
class Topology:
    """One view of the cluster.

    Attributes:
        rank: of two views the one with the greater rank is to be believed. A node that was cut off from the others and
            replaced does not know it; but each replacement begins an epoch, of which it has not heard.
        nodes: all that were named, replicas as well.
    """

    rank: tuple[bool, int] = (False, 0)
    nodes: set[Address] = field(default_factory=set)
    _ranges: list[tuple[int, int, Address]] = field(default_factory=list)  # first and last slot, in order
    _moves: dict[int, Address] = field(default_factory=dict)

    def owner(self, slot: int) -> Address | None:
        """The node that has a slot; None while nobody has."""
        if (moved := self._moves.get(slot)) is not None:
            return moved
        found = bisect_right(self._ranges, slot, key=_FIRST) - 1
        if found < 0 or self._ranges[found][1] < slot:
            return None
        return self._ranges[found][2]

    @property
    def owners(self) -> set[Address]:
        """Every node that has a slot."""
        return {address for _, _, address in self._ranges}.union(self._moves.values())

    def add(self, first: int, last: int, nodes: Sequence[Address]) -> None:
        """These slots belong to the first of these nodes; the others are its replicas."""
        insort(self._ranges, (first, last, nodes[0]))
        self.nodes.update(nodes)

    def move(self, slot: int, to: Address) -> None:
        """A node has said where its slot is now."""
        self._moves[slot] = to
        self.nodes.add(to)

    def some(self, seeds: Sequence[Address], most: int) -> list[Address]:
        """Nodes to ask next time."""
        known = list(self.nodes.union(seeds))
        return random.sample(known, min(most, len(known)))


def read(answers: Sequence[Any], asked: Address) -> Topology:
    """What a node answered to QUESTION.

    Raises:
        ValueError: it is no cluster's node, or says what we do not understand.
    """
    info, slots = answers
    for answer in answers:
        if isinstance(answer, Exception):
            raise ValueError(f"{asked} is no node of a cluster: {answer}") from answer  # noqa: TRY004 - an answer, no argument
    facts = dict(line.split(":", 1) for line in info.decode().split("\r\n") if ":" in line)
    topology = Topology((facts["cluster_state"] == "ok", int(facts["cluster_current_epoch"])))
    for first, last, *nodes in slots:
        topology.add(first, last, [Address(_host(node[0]) or asked.host, node[1]) for node in nodes])
    return topology


def _host(given: bytes | None) -> str:
    """Empty where the node does not know its own address, or must not tell it."""
    host = (given or b"").decode()
    return "" if host == "?" else host
