"""One connection to Valkey or Redis that only listens: a bare protocol and hiredis' parser, a tenth of a client's cost a message.

It speaks RESP2, in which a message is an array of three.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import hiredis
from redis.crc import key_slot

from pubsub.broker import BrokerUnavailable
from pubsub.target import Target

CONNECT_SECONDS = 2.0
NAME = "reelwire-listener"
MOVED = "MOVED "


@dataclass(frozen=True, slots=True)
class Dialect:
    """The words of one kind of subscription; channels of a sharded one are joined slot by slot, at the slot's node."""

    subscribe: str
    unsubscribe: str
    message: bytes
    subscribed: bytes
    unsubscribed: bytes
    sharded: bool

    def grouped(self, channels: Collection[str]) -> Iterable[Collection[str]]:
        """The channels, as many as one command may name."""
        if not self.sharded:
            return [channels] if channels else []
        groups: dict[int, list[str]] = {}
        for channel in channels:
            groups.setdefault(slot_of(channel), []).append(channel)
        return groups.values()


PLAIN = Dialect("SUBSCRIBE", "UNSUBSCRIBE", b"message", b"subscribe", b"unsubscribe", sharded=False)
SHARDED = Dialect("SSUBSCRIBE", "SUNSUBSCRIBE", b"smessage", b"ssubscribe", b"sunsubscribe", sharded=True)


class Ear(Protocol):
    """Whom a link tells what happens; all three return at once."""

    def received(self, channel: str, payload: bytes) -> None:
        """A message came."""
        ...

    def changed(self) -> None:
        """Channels were joined or lost, or the link was."""
        ...

    def moved(self, slot: int, to: str) -> None:
        """This server has not got the slot (any more); `to` is the address of the one that has, or empty."""
        ...


class Link(asyncio.Protocol):
    """The connection, from its making to its loss.

    Attributes:
        joined: channels that the server has acknowledged, and that were not left since.
        lost: done when the connection has ended, for whatever reason.
        heard_at: the loop's time of the last bytes.
    """

    def __init__(self, dialect: Dialect, ear: Ear) -> None:
        self._dialect = dialect
        self._ear = ear
        self._reader = hiredis.Reader()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._leaving: dict[str, int] = {}  # how often we left it and were not answered yet
        self.joined: set[str] = set()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        self.heard_at = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        self._reader.feed(data)
        news = False
        try:
            while (reply := self._reader.gets()) is not False:
                news = self._take(reply) or news
        except hiredis.ProtocolError as error:
            self.abort(f"not RESP: {error}")
        if news:
            self._ear.changed()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(repr(exc) if exc else "closed by the server")

    def join(self, channels: Collection[str]) -> None:
        """Ask for these; `joined` and `changed` tell of the answer."""
        for group in self._dialect.grouped(channels):
            self.send(self._dialect.subscribe, *group)

    def leave(self, channels: Collection[str]) -> None:
        """Hear these no more, from now on."""
        self.joined.difference_update(channels)
        for channel in channels:
            self._leaving[channel] = self._leaving.get(channel, 0) + 1
        for group in self._dialect.grouped(channels):
            self.send(self._dialect.unsubscribe, *group)

    def send(self, *words: str) -> None:
        """Send one command; its answer comes by `data_received`."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(packed(words))

    def abort(self, why: str) -> None:
        """End the connection now."""
        if self._transport is not None:
            self._transport.abort()
        self._end(why)

    def _end(self, why: str) -> None:
        if not self.lost.done():
            self.lost.set_result(why)
        self._ear.changed()

    def _take(self, reply: Any) -> bool:
        """Whether it changes what is joined."""
        if isinstance(reply, list) and len(reply) == 3:
            kind, channel, value = reply
            if kind == self._dialect.message:
                if (name := channel.decode()) in self.joined:
                    self._ear.received(name, value)
                return False
            if kind == self._dialect.subscribed:
                # With a leave on its way behind it, it is the answer to an older question.
                if (name := channel.decode()) not in self._leaving:
                    self.joined.add(name)
            elif kind == self._dialect.unsubscribed and channel is not None:
                self._left(channel.decode())
            return True
        if isinstance(reply, hiredis.ReplyError):
            self._refused(str(reply))
        return False

    def _left(self, channel: str) -> None:
        if unanswered := self._leaving.pop(channel, 0):
            if unanswered > 1:
                self._leaving[channel] = unanswered - 1
        else:  # nobody asked for it: its slot has gone elsewhere
            self.joined.discard(channel)
            self._ear.moved(slot_of(channel), "")

    def _refused(self, why: str) -> None:
        if why.startswith(MOVED):
            _, slot, to = why.split(" ", 2)
            self._ear.moved(int(slot), to)
        else:
            # NOAUTH, NOPERM, LOADING, CLUSTERDOWN: nothing that asking again on this connection would change.
            self.abort(why)


def slot_of(channel: str) -> int:
    """The slot of a cluster in which a channel or key lies."""
    return key_slot(channel.encode())


def packed(words: Sequence[str]) -> bytes:
    """A command as RESP has it: an array of bulk strings."""
    encoded = [word.encode() for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded)


async def connect(target: Target, dialect: Dialect, ear: Ear) -> Link:
    """A new connection, introduced and joined to nothing yet.

    Raises:
        BrokerUnavailable: there is none to be had now.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            if target.path:
                _, link = await loop.create_unix_connection(lambda: Link(dialect, ear), target.path)
            else:
                _, link = await loop.create_connection(lambda: Link(dialect, ear), *target.address)
    except (OSError, TimeoutError) as error:
        raise BrokerUnavailable(repr(error)) from error
    if target.password:
        link.send("AUTH", *([target.username] if target.username else []), target.password)
    link.send("CLIENT", "SETNAME", NAME)
    return link
