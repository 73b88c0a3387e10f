"""Tickets: what a browser puts into the socket's address instead of an access token; opaque, short-lived, good once."""

import asyncio
import secrets
import time

import msgspec

from pubsub.broker import BrokerUnavailable, NodeUnavailable
from pubsub.once import Once
from server.kit.together import Together
from server.kit.tokens import Claims
from server.live.limits import OPENINGS_AT_ONCE, TICKET_SECONDS

TICKET_BYTES = 24
MAX_TICKET = 64
TRIES = 6
"""Where one node of a cluster is away, another ticket has its place on another node."""
ISSUE_SECONDS = 0.8
"""No further try after that."""

_decoder = msgspec.msgpack.Decoder(Claims)


class Tickets:
    """Kept on the broker's server, so that any process honours a ticket of any other."""

    def __init__(self, once: Once) -> None:
        self._once = once
        self._taken = Together("tickets", once.take, OPENINGS_AT_ONCE)

    async def close(self) -> None:
        """End what is being asked."""
        await self._taken.close()

    async def issue(self, claims: Claims) -> str:
        """A ticket that speaks for these claims.

        Raises:
            BrokerUnavailable
        """
        value = msgspec.msgpack.encode(claims)
        latest = asyncio.get_running_loop().time() + ISSUE_SECONDS
        for tries_left in reversed(range(TRIES)):
            ticket = secrets.token_urlsafe(TICKET_BYTES)
            try:
                await self._once.put(ticket, value, TICKET_SECONDS)
            except NodeUnavailable:
                if not tries_left or asyncio.get_running_loop().time() >= latest:
                    raise
            else:
                break
        return ticket

    async def redeem(self, ticket: str) -> Claims | None:
        """What the ticket spoke for; None for one that is used, old, or none of ours.

        Raises:
            BrokerUnavailable
        """
        if not ticket.isascii() or not 0 < len(ticket) <= MAX_TICKET:
            return None
        value = await self._taken.ask(ticket)
        if isinstance(value, BrokerUnavailable):
            raise value
        claims = _decoder.decode(value) if value is not None else None
        return claims if claims is not None and claims.expires_at > time.time() else None
