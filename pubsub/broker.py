"""The contract of a broker: carries small messages to whoever listens now, at most once, and says when it may have lost some."""

from collections.abc import Collection, Sequence
from typing import Protocol, TypeAlias

MAX_PAYLOAD_BYTES = 8192
"""Senders keep to this: larger payloads escape the limits that a server puts on slow listeners (Valkey 9.1 from 16 KB)."""

Message: TypeAlias = tuple[str, bytes]
"""Channel and payload."""


class BrokerUnavailable(ConnectionError):
    """The broker is down, slow, full or refuses us; a later try may succeed."""


class NodeUnavailable(BrokerUnavailable):
    """One of several servers is; what has its place on another one may succeed now."""


class Listener(Protocol):
    """Who hears the messages. All three are called on the event loop, must return at once and must not raise."""

    def received(self, channel: str, payload: bytes) -> None:
        """A message came. Those of one sender to one channel come in the order in which they were sent."""
        ...

    def interrupted(self) -> None:
        """From now on messages may be missing."""
        ...

    def restored(self) -> None:
        """Every joined channel is heard again; what was sent since `interrupted` is lost."""
        ...


class Broker(Protocol):
    """Connections for sending and for listening, all of which mend themselves for ever.

    There are two: `ValkeyBroker` on one server, `ClusterBroker` on the nodes of a cluster. One that has lost a part of
    its servers is interrupted, and goes on with the others.
    """

    async def publish(self, messages: Sequence[Message]) -> None:
        """Send these; those to one channel in this order.

        When this returns, the broker has taken them; it need not have delivered them.

        Raises:
            BrokerUnavailable: after a bounded time; any number of them may have been sent, and whatever could be was.
        """
        ...

    async def ping(self) -> None:
        """Ask every server that we need whether it answers.

        Raises:
            BrokerUnavailable: one does not.
        """
        ...

    async def join(self, channels: Collection[str]) -> None:
        """Hear these channels from now on; joined ones stay as they are. They are kept over interruptions.

        When this returns, whatever is sent to them later is heard. Calls of this, `want` and `leave` for one channel take
        effect in the order of the calls.

        Raises:
            BrokerUnavailable: they are not heard yet, but will be when the broker is back.
        """
        ...

    def want(self, channels: Collection[str]) -> None:
        """Join without waiting for it."""
        ...

    def leave(self, channels: Collection[str]) -> None:
        """Stop hearing these, now; never fails."""
        ...

    async def wait_for_poke(self, channel: str, seconds: float) -> bool:
        """Wait until anything is sent to the channel, which is joined by the first call; its payload is thrown away.

        One caller per channel. What came between two calls, or may have come while the broker was interrupted, counts.

        Returns:
            False when nothing came in time; a broker that is away is waited for in the same way.
        """
        ...
