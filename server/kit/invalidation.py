"""What every process must stop believing within a second: ended sessions, follows, blocks, hidden videos, deleted accounts.

The rows are written in the transaction that makes the change, and polled by every process: correctness hangs on nothing else.
A broker message may bring the same news sooner.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Literal
from uuid import UUID

import msgspec
from aiohttp import web

from server.kit import listeners
from server.kit.ids import new_id
from server.kit.listeners import BELIEVED_SECONDS, Echoes
from server.kit.work import Work
from storage.postgres import AWAY, Pool, Rows, connection

Kind = Literal["session", "follow", "block", "video", "card", "comment", "account"]

POLL_SECONDS = 0.4
OVERLAP_SECONDS = 10
"""A row may be committed this long after its time was taken; statements are cut long before."""
REMEMBERED = 10_000
LOST_SECONDS = 15.0
"""After so long without a reading rows may be gone already: those of a deleted account go with it."""
KEPT_HOURS = 25
"""Longer than any access token lives (server/settings.py), with its leeway, the overlap and clocks that differ."""

log = logging.getLogger(__name__)

INSERT = "INSERT INTO invalidation (account_id, id, kind, subject_id) VALUES ($1, $2, $3, $4)"
INSERT_ALL = """
INSERT INTO invalidation (account_id, id, kind, subject_id)
SELECT $1, id, $3, subject_id
FROM unnest($2::uuid[], $4::uuid[]) AS t (id, subject_id)
"""
SINCE = """
SELECT account_id, id, kind, subject_id
FROM invalidation
WHERE at > now() - make_interval(secs => $1)
ORDER BY at
"""
FORGET = "DELETE FROM invalidation WHERE at < now() - make_interval(hours => $1)"


FORGET_ABOUT = "DELETE FROM invalidation WHERE subject_id = $1"
FORGET_OF = "DELETE FROM invalidation WHERE account_id = $1 AND kind NOT IN ('session', 'video')"
# Tokens of these sessions live on; and who could not read for a while must still hear of them, and of the videos.
DISOWN = "UPDATE invalidation SET account_id = subject_id WHERE account_id = $1"


class Invalidated(msgspec.Struct, frozen=True, tag="invalidated"):
    """Something about an account is no longer as a process may have it in memory.

    Attributes:
        account_id: whose matter it is: the session's owner, the follower, either side of a block, an author, the account. Where
            it is a session's or a video's own id, whoever that was is gone without a trace.
        kind: what changed: `video`: who may see it; `card`: what is told of it; `comment`: one of its comments is gone.
        subject_id: the session, the author whose follow changed, the other side of the block, the video, the account.
        by: the process that waits until others have heard of it; None where nobody waits.
    """

    account_id: UUID
    id: UUID
    kind: Kind
    subject_id: UUID
    by: UUID | None = None


class Heard(msgspec.Struct, frozen=True, tag="heard"):
    """A process has taken an invalidation; for the one that waits for it."""

    by: UUID
    event_id: UUID
    listener_id: UUID


Listener = Callable[[Invalidated], None]


async def invalidate_all(w: Work, account_id: UUID, kind: Kind, subject_ids: Sequence[UUID]) -> None:
    """The same of many at once."""
    events = [Invalidated(account_id, new_id(), kind, subject_id) for subject_id in subject_ids]
    await w.conn.execute(INSERT_ALL, account_id, [event.id for event in events], kind, list(subject_ids))
    for event in events:
        w.emit(event)


async def invalidate(w: Work, account_id: UUID, kind: Kind, subject_id: UUID) -> None:
    """Have no process believe otherwise once this work has ended (`Announcer.settled`), and none a second after its commit."""
    event = Invalidated(account_id, new_id(), kind, subject_id)
    await w.conn.execute(INSERT, event.account_id, event.id, event.kind, event.subject_id)
    w.emit(event)


class Invalidations:
    """Polls the rows and tells the listeners each of them once; `run` is a task of the process."""

    def __init__(self, pool: Pool, session_seconds: int, asking: "Pool | None" = None) -> None:
        """`asking` is where others are asked for: a pool that does not keep the poll waiting."""
        self._pool = pool
        self._session_seconds = session_seconds
        self._known: OrderedDict[UUID, None] = OrderedDict()
        self._listeners: list[Listener] = []
        self._losers: list[Callable[[], None]] = []
        self._read_at = float("-inf")
        self.id = new_id()
        self.echoes = Echoes(asking or pool, self.id)
        self.answer: Callable[[Heard], None] | None = None

    @property
    def fresh(self) -> bool:
        """Whether what was read is recent enough to be believed."""
        return time.monotonic() - self._read_at < BELIEVED_SECONDS

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def on_lost(self, loser: Callable[[], None]) -> None:
        """Have this called when rows may have been missed: nothing that was in memory before is to be believed."""
        self._losers.append(loser)

    def take(self, event: Invalidated) -> None:
        """Hear of one, by whatever way it came first."""
        if event.id in self._known:
            return
        self._known[event.id] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                # The others hear of it all the same, and what this one had in memory is forgotten.
                log.exception("an invalidation was not understood")
                self._lose()

    def received(self, event: Invalidated) -> None:
        """Hear of one by the broker, and tell who waits for that."""
        self.take(event)
        if event.by is not None and event.by != self.id and self.answer is not None:
            self.answer(Heard(event.by, event.id, self.id))

    async def run(self) -> None:
        """Poll for ever, whatever fails: each kind of failure is logged once until it is over, `fresh` tells the rest.

        The first read covers the life of an access token, so that none that was ended before this start is believed.
        """
        failing: type[Exception] | None = None
        while True:
            # After a break everything since the last good read is read again.
            gap = time.monotonic() - self._read_at
            try:
                await self._read(min(gap, self._session_seconds) + OVERLAP_SECONDS)
                if gap > min(LOST_SECONDS, self._session_seconds):
                    self._lose()
                failing = None
            except Exception as error:
                if failing is not type(error):
                    log.warning("invalidations cannot be read: %r", error, exc_info=not isinstance(error, AWAY))
                failing = type(error)
            await asyncio.sleep(POLL_SECONDS)

    def _lose(self) -> None:
        for loser in self._losers:
            loser()

    async def leave(self) -> None:
        """Nobody need wait for this process any more; best called when it has stopped answering."""
        with suppress(*AWAY):
            async with asyncio.timeout(BELIEVED_SECONDS), connection(self._pool) as conn:
                await listeners.leave(conn, self.id)

    async def _read(self, seconds: float) -> None:
        began = time.monotonic()
        async with asyncio.timeout(BELIEVED_SECONDS * 2), connection(self._pool) as conn:
            await listeners.believe(conn, self.id)
            rows = await conn.fetch(SINCE, seconds)
        self._read_at = began
        for row in rows:
            self.take(Invalidated(row["account_id"], row["id"], row["kind"], row["subject_id"]))


async def forget(conn: Rows) -> None:
    """Delete rows that no token or session can need any more (a periodic job)."""
    await conn.execute(FORGET, KEPT_HOURS)
    await listeners.forget(conn)


async def disown(conn: Rows, account_id: UUID) -> None:
    """An account was deleted so long ago that everybody has heard of it: no row names it any more.

    What was said of its sessions and videos stays, without saying whose they were.
    """
    await conn.execute(FORGET_ABOUT, account_id)
    await conn.execute(FORGET_OF, account_id)
    await conn.execute(DISOWN, account_id)


INVALIDATIONS: web.AppKey[Invalidations] = web.AppKey("invalidations", Invalidations)
