"""What the two sides of a connection know of each other, whichever of the two ways carries it (`lean.py`, `stock.py`)."""

from typing import Protocol, runtime_checkable

from server.sockets.codes import Close


class Transport(Protocol):
    """What is written to; as `asyncio.Transport` has it."""

    def write(self, data: bytes) -> None: ...

    def get_write_buffer_size(self) -> int: ...

    def is_closing(self) -> bool: ...

    def can_write_eof(self) -> bool: ...

    def write_eof(self) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


@runtime_checkable
class Direct(Protocol):
    """A transport with nothing but us between the writer and the socket; the lean one is."""

    def offer(self, data: bytes) -> bool:
        """Send it, or at least a part and keep the rest; False where that cannot be at once, and nothing of it is kept."""
        ...


class Talk(Protocol):
    """Our side of one connection. A wire tells it what the client says, one message after the other.

    Attributes:
        most_bytes: that a message may have.
        open: whether it still listens; it does not once it has said goodbye.
    """

    @property
    def most_bytes(self) -> int: ...

    @property
    def open(self) -> bool: ...

    def begin(self, transport: Transport) -> None:
        """The upgrade is done; what is written now are the first words."""

    def heard(self, now: float) -> None:
        """Something came, whatever it was, at this time of the loop's clock."""

    async def text(self, text: str) -> None:
        """A text message. The next message waits until this one is answered."""

    async def binary(self, data: bytes) -> None:
        """A binary message."""

    def pinged(self, payload: bytes) -> None:
        """A ping, to be answered with a pong. It waits for no message."""

    def close(self, why: Close) -> None:
        """Say goodbye: the client did so, with this code, or has broken the protocol."""

    def failed(self, error: BaseException) -> None:
        """A message could not be answered, by a fault of ours."""

    def ended(self) -> None:
        """The connection is no more, and no message of it is being answered."""
