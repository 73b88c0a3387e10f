"""Work: one request or job is one transaction; what it announces leaves only after the commit."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import msgspec

from storage.postgres import CONNECT_SECONDS, Pool, Rows


class Announcer(Protocol):
    """Whatever carries events onwards; it must not fail the request that is already committed."""

    def announce(self, event: msgspec.Struct) -> None:
        """Take the event; deliver it at most once, soon."""
        ...

    async def settled(self, events: Sequence[msgspec.Struct]) -> None:
        """Return when no other process believes what these announced events have made untrue."""
        ...


@dataclass(slots=True)
class Work:
    """What an action may touch.

    Attributes:
        conn: the transaction's connection; nothing but this class commits.
        account_id: who acts; None for jobs of the system itself and for anonymous readers.
        announcer: who carries events onwards.
        events: announced in this order after the commit.
    """

    conn: Rows
    account_id: UUID | None
    announcer: Announcer
    events: list[msgspec.Struct] = field(default_factory=list)

    def emit(self, event: msgspec.Struct) -> None:
        """Announce `event` if, and only if, this work commits."""
        self.events.append(event)

    def forewarn(self, event: msgspec.Struct) -> None:
        """Announce `event` now: that something is about to be committed, which may fail yet."""
        self.announcer.announce(event)


@asynccontextmanager
async def work(pool: Pool, announcer: Announcer, account_id: UUID | None) -> AsyncIterator[Work]:
    """Run one transaction.

    Raises:
        Refusal: passed on from the action; everything is rolled back and nothing is announced.
        TimeoutError: no connection came free.
    """
    async with pool.acquire(timeout=CONNECT_SECONDS) as conn, conn.transaction():
        w = Work(conn, account_id, announcer)
        yield w
    # Events that must never be lost are rows in the transaction; these here may be.
    for event in w.events:
        announcer.announce(event)
    await announcer.settled(w.events)
