"""The nodes of a cluster: which has which slot, and commands to them that follow slots on their way."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import redis.asyncio as aioredis
from redis.exceptions import AskError, ClusterDownError, MovedError, RedisError

from pubsub import topology, valkey
from pubsub.broker import BrokerUnavailable, NodeUnavailable
from pubsub.commands import Command
from pubsub.link import slot_of
from pubsub.target import Address, Target
from pubsub.topology import Topology
from pubsub.valkey import open_client, pipelined

REFRESH_SECONDS = 5.0
"""So often the nodes are asked even if nothing seems to be wrong."""
ASKED = 5
"""Nodes that are asked at once; the best answer counts."""
ASK_SECONDS = 1.0
STRAGGLER_SECONDS = 0.2
"""After the first answer the others have so long."""
CALM_SECONDS = 1.0
"""The first doubt after so long is settled at once."""
FIRST_DELAY = 0.1
LAST_DELAY = 2.0
AVOID_SECONDS = 2.0
"""So long after it has let us wait in vain a node is not asked again, lest everybody wait for one that is frozen."""
MOST_REDIRECTS = 4

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Question:
    """A command on its way, and its place among the answers."""

    place: int
    command: Command
    ask: Address | None = None
    """Where an ASK sent it: a slot that is on its way, of which this key has already arrived."""


class Nodes:
    """See `Commands` for `run` and `ping`; `keep` is the task that follows the cluster.

    Attributes:
        topology: who has what, as far as we know.
        known: set once we know.
    """

    def __init__(self, target: Target, seeds: Sequence[Address], on_news: Callable[[], None] = lambda: None) -> None:
        """`on_news` is called whenever the nodes were asked."""
        self._target = target
        self._seeds = seeds
        self._on_news = on_news
        self._clients: dict[Address, aioredis.Redis] = {}
        self._avoided: dict[Address, float] = {}
        self._doubted = asyncio.Event()
        self._news = asyncio.Event()  # another one after each time the nodes were asked
        self._why = "no node of the cluster answers"
        self.topology = Topology()
        self.known = asyncio.Event()

    def doubt(self) -> None:
        """Something speaks against the topology: ask the nodes."""
        self._doubted.set()

    def moved(self, slot: int, to: Address) -> None:
        """A node has said so."""
        self.topology.move(slot, to)
        self.doubt()

    async def keep(self) -> None:
        """Ask the nodes for ever, soon when there are doubts; it ends only by being cancelled."""
        delay = FIRST_DELAY
        while True:
            began = asyncio.get_running_loop().time()
            self._doubted.clear()
            try:
                await self._refresh()
                self._on_news()
            except BrokerUnavailable as error:
                self._why = str(error)
                if delay == FIRST_DELAY:
                    log.warning("no node of the cluster answers: %s", error)
                self._doubted.set()
            except Exception:
                log.exception("the topology stumbled")
                self._doubted.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(random.uniform(0.7, 1) * REFRESH_SECONDS):  # noqa: S311 - jitter
                    await self._doubted.wait()
            if asyncio.get_running_loop().time() - began > CALM_SECONDS:
                delay = FIRST_DELAY
            else:  # however many doubts there are, nodes are not asked all the time
                await asyncio.sleep(random.uniform(delay / 2, delay))  # noqa: S311 - jitter
                delay = min(delay * 2, LAST_DELAY)

    async def close(self) -> None:
        await asyncio.gather(*(client.aclose() for client in self._clients.values()))

    # Commands

    async def run(self, commands: Sequence[Command]) -> list[Any]:
        """See `Commands.run`."""
        answers: list[Any] = [NodeUnavailable("its slot was not found")] * len(commands)
        left = [_Question(place, command) for place, command in enumerate(commands)]
        deadline = await self._begin()
        for _ in range(MOST_REDIRECTS + 1):
            by_node: dict[Address | None, list[_Question]] = {}
            for question in left:
                by_node.setdefault(question.ask or self.topology.owner(slot_of(question.command.key)), []).append(question)
            left = []
            for some in await asyncio.gather(*(self._ask(node, asked, answers, deadline) for node, asked in by_node.items())):
                left += some
            if not left:
                break
            left.sort(key=lambda question: question.place)
        if answers and all(isinstance(answer, BrokerUnavailable) for answer in answers):
            raise answers[0]
        return answers

    async def ping(self) -> None:
        """See `Broker.ping`."""
        deadline = await self._begin()
        asked = (self._say(node, [("PING",)], deadline) for node in self.topology.owners)
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer

    async def _begin(self) -> float:
        """By when everything has to be answered.

        Raises:
            BrokerUnavailable: no node has told us of the cluster yet.
        """
        deadline = asyncio.get_running_loop().time() + valkey.COMMAND_SECONDS
        try:
            async with asyncio.timeout_at(deadline):
                await self.known.wait()
        except TimeoutError:
            raise BrokerUnavailable(self._why) from None
        return deadline

    async def _ask(self, node: Address | None, asked: list[_Question], answers: list[Any], deadline: float) -> list[_Question]:
        """Ask one node; those that it sends elsewhere."""
        if node is None:
            return asked if await self._refreshed(deadline) else []
        words = [line for question in asked for line in ([("ASKING",)] if question.ask else []) + [question.command.words]]
        try:
            said = iter(await self._say(node, words, deadline))
        except BrokerUnavailable as error:
            for question in asked:
                answers[question.place] = error
            return []
        again = []
        for question in asked:
            answer = [next(said) for _ in range(2 if question.ask else 1)][-1]
            if not self._redirected(question, answer, node):
                answers[question.place] = answer
            else:
                again.append(question)
        return again

    def _redirected(self, question: _Question, answer: Any, node: Address) -> bool:
        """Whether the question has to be asked elsewhere."""
        question.ask = None
        if isinstance(answer, MovedError):
            self.moved(answer.slot_id, Address(answer.host or node.host, answer.port))
        elif isinstance(answer, AskError):
            question.ask = Address(answer.host or node.host, answer.port)
        elif isinstance(answer, ClusterDownError):
            self.doubt()
            return False
        else:
            return False
        return True

    async def _refreshed(self, deadline: float) -> bool:
        """Whether the nodes were asked again in time."""
        news = self._news
        self.doubt()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await news.wait()
        return news.is_set()

    async def _say(self, node: Address, words: Sequence[tuple[Any, ...]], deadline: float) -> list[Any]:
        """Say this to one node.

        Raises:
            NodeUnavailable: it does not answer, or has let us wait a moment ago.
        """
        now = asyncio.get_running_loop().time()
        if self._avoided.get(node, now) > now:
            raise NodeUnavailable(f"{node} did not answer a moment ago")
        try:
            async with asyncio.timeout_at(deadline):
                answers = await pipelined(self._client(node), words)
        except TimeoutError:
            self._avoided[node] = asyncio.get_running_loop().time() + AVOID_SECONDS
            self.doubt()
            raise NodeUnavailable(f"{node} does not answer") from None
        except (RedisError, OSError) as error:
            self.doubt()
            raise NodeUnavailable(f"{node}: {error!r}") from error
        self._avoided.pop(node, None)
        return answers

    def _client(self, node: Address) -> aioredis.Redis:
        client = self._clients.get(node)
        if client is None:
            client = self._clients[node] = open_client(self._target.at(node))
        return client

    # The topology

    async def _refresh(self) -> None:
        """Ask some nodes at once, and believe the one that knows most.

        Raises:
            BrokerUnavailable: none of them answers.
        """
        asked = [asyncio.create_task(self._view(node)) for node in self.topology.some(self._seeds, ASKED)]
        try:
            for first in asyncio.as_completed(asked, timeout=ASK_SECONDS):
                if isinstance(await first, Topology):
                    break
            await asyncio.wait(asked, timeout=STRAGGLER_SECONDS)
        except TimeoutError:
            pass
        finally:
            views = [task.result() for task in asked if task.done()]
            for task in asked:
                task.cancel()
            await asyncio.wait(asked)
        found = [view for view in views if isinstance(view, Topology)]
        if not found:
            raise BrokerUnavailable("; ".join(str(view) for view in views) or "no answer in time")
        self.topology = max(found, key=lambda view: view.rank)
        self.known.set()
        self._news.set()
        self._news = asyncio.Event()
        await self._forget()

    async def _view(self, node: Address) -> Topology | Exception:
        try:
            return topology.read(await pipelined(self._client(node), topology.QUESTION), node)
        except (RedisError, OSError, ValueError, KeyError) as error:
            return error

    async def _forget(self) -> None:
        """Close the clients of nodes that are gone."""
        for node in self._clients.keys() - self.topology.nodes.union(self._seeds):
            self._avoided.pop(node, None)
            await self._clients.pop(node).aclose()
