"""One connection to Valkey or Redis that only listens: a bare protocol and hiredis' parser, a tenth of a client's cost a message.

It speaks RESP2, in which a message is an array of three.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import hiredis
from redis.asyncio.connection import ConnectKwargs

from pubsub.broker import BrokerUnavailable

CONNECT_SECONDS = 2.0
NAME = "reelwire-listener"

Heard = Callable[[str, bytes], None]
Changed = Callable[[], None]


class Link(asyncio.Protocol):
    """The connection, from its making to its loss.

    Attributes:
        joined: channels that the server has acknowledged.
        lost: done when the connection has ended, for whatever reason.
        heard_at: the loop's time of the last bytes.
    """

    def __init__(self, heard: Heard, changed: Changed) -> None:
        self._heard = heard
        self._changed = changed
        self._reader = hiredis.Reader()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self.joined: set[str] = set()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        self.heard_at = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                self._take(reply)
        except hiredis.ProtocolError as error:
            self.abort(f"not RESP: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(repr(exc) if exc else "closed by the server")

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
        self._changed()

    def _take(self, reply: Any) -> None:
        if isinstance(reply, list) and len(reply) == 3:
            kind, channel, value = reply
            if kind == b"message":
                self._heard(channel.decode(), value)
            elif kind == b"subscribe":
                self.joined.add(channel.decode())
                self._changed()
            elif kind == b"unsubscribe" and channel is not None:
                self.joined.discard(channel.decode())
                self._changed()
        elif isinstance(reply, hiredis.ReplyError):
            # NOAUTH, NOPERM, LOADING: nothing that asking again on this connection would change.
            self.abort(str(reply))


def packed(words: Sequence[str]) -> bytes:
    """A command as RESP has it: an array of bulk strings."""
    encoded = [word.encode() for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded)


async def connect(target: ConnectKwargs, heard: Heard, changed: Changed) -> Link:
    """A new connection, introduced and joined to nothing yet.

    Raises:
        BrokerUnavailable: there is none to be had now.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            if path := target.get("path"):
                _, link = await loop.create_unix_connection(lambda: Link(heard, changed), path)
            else:
                host, port = target.get("host", "localhost"), target.get("port", 6379)
                _, link = await loop.create_connection(lambda: Link(heard, changed), host, port)
    except (OSError, TimeoutError) as error:
        raise BrokerUnavailable(repr(error)) from error
    if password := target.get("password"):
        link.send("AUTH", *([target["username"]] if target.get("username") else []), password)
    link.send("CLIENT", "SETNAME", NAME)
    return link
