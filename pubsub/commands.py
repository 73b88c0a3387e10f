"""The contract of commands to the broker's servers: short questions with short answers, each about the one key that it names."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from pubsub.broker import BrokerUnavailable

Word: TypeAlias = str | bytes | int


class Command(NamedTuple):
    """What is said, and the key that decides which server hears it."""

    key: str
    words: tuple[Word, ...]


class Commands(Protocol):
    """Whoever can be asked: `ServerCommands` on one server, `Nodes` on a cluster."""

    async def run(self, commands: Sequence[Command]) -> list[Any]:
        """The answers, in the order of the commands; those about one key take effect in this order.

        Where there is none, the reason stands in its place: a RedisError that a server replied, BrokerUnavailable where the
        server of that key is away; that command may have taken effect nevertheless.

        Raises:
            BrokerUnavailable: all servers that were asked are away, after a second at most.
        """
        ...

    async def ping(self) -> None:
        """See `Broker.ping`."""
        ...


def answered(answers: Sequence[Any]) -> list[Any]:
    """The answers, all of them.

    Raises:
        BrokerUnavailable: one is missing.
    """
    for answer in answers:
        if isinstance(answer, Exception):
            raise BrokerUnavailable(repr(answer)) from answer
    return list(answers)
