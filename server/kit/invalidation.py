"""What every process must stop believing within a second: ended sessions, changed follows and blocks, hidden videos.

The rows are written in the transaction that makes the change, and polled by every process: correctness hangs on nothing else.
A broker message may bring the same news sooner.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal
from uuid import UUID

import msgspec
from aiohttp import web

from server.kit.ids import new_id
from server.kit.work import Work
from storage.postgres import AWAY, Pool, Rows, connection

Kind = Literal["session", "follow", "block", "video"]

POLL_SECONDS = 0.4
FRESH_SECONDS = 1.0
"""After a longer silence of PostgreSQL this process answers from SQL instead of from memory."""
OVERLAP_SECONDS = 10
"""A row may be committed this long after its time was taken; statements are cut long before."""
REMEMBERED = 10_000
KEPT_HOURS = 25
"""Longer than any access token lives (server/settings.py), with its leeway, the overlap and clocks that differ."""

log = logging.getLogger(__name__)

INSERT = "INSERT INTO invalidation (account_id, id, kind, subject_id) VALUES ($1, $2, $3, $4)"
SINCE = """
SELECT account_id, id, kind, subject_id
FROM invalidation
WHERE at > now() - make_interval(secs => $1)
ORDER BY at
"""
FORGET = "DELETE FROM invalidation WHERE at < now() - make_interval(hours => $1)"


class Invalidated(msgspec.Struct, frozen=True, tag="invalidated"):
    """Something about an account is no longer as a process may have it in memory.

    Attributes:
        account_id: whose matter it is: the session's owner, the follower, either side of a block, the video's author.
        kind: what changed.
        subject_id: the session, the author whose follow changed, the other side of the block, the video.
    """

    account_id: UUID
    id: UUID
    kind: Kind
    subject_id: UUID


Listener = Callable[[Invalidated], None]


async def invalidate(w: Work, account_id: UUID, kind: Kind, subject_id: UUID) -> None:
    """Tell every process, within a second of this work's commit."""
    event = Invalidated(account_id, new_id(), kind, subject_id)
    await w.conn.execute(INSERT, event.account_id, event.id, event.kind, event.subject_id)
    w.emit(event)


class Invalidations:
    """Polls the rows and tells the listeners each of them once; `run` is a task of the process."""

    def __init__(self, pool: Pool, session_seconds: int) -> None:
        self._pool = pool
        self._session_seconds = session_seconds
        self._known: OrderedDict[UUID, None] = OrderedDict()
        self._listeners: list[Listener] = []
        self._read_at = float("-inf")

    @property
    def fresh(self) -> bool:
        """Whether what was read is recent enough to be believed."""
        return time.monotonic() - self._read_at < FRESH_SECONDS

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def take(self, event: Invalidated) -> None:
        """Hear of one, by whatever way it came first."""
        if event.id in self._known:
            return
        self._known[event.id] = None
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        for listener in self._listeners:
            listener(event)

    async def run(self) -> None:
        """Poll for ever, whatever fails: each kind of failure is logged once until it is over, `fresh` tells the rest.

        The first read covers the life of an access token, so that none that was ended before this start is believed.
        """
        failing: type[Exception] | None = None
        while True:
            # After a break everything since the last good read is read again.
            gap = min(time.monotonic() - self._read_at, self._session_seconds)
            try:
                await self._read(gap + OVERLAP_SECONDS)
                failing = None
            except Exception as error:
                if failing is not type(error):
                    log.warning("invalidations cannot be read: %r", error, exc_info=not isinstance(error, AWAY))
                failing = type(error)
            await asyncio.sleep(POLL_SECONDS)

    async def _read(self, seconds: float) -> None:
        began = time.monotonic()
        async with asyncio.timeout(FRESH_SECONDS * 2), connection(self._pool) as conn:
            rows = await conn.fetch(SINCE, seconds)
        self._read_at = began
        for row in rows:
            self.take(Invalidated(row["account_id"], row["id"], row["kind"], row["subject_id"]))


async def forget(conn: Rows) -> None:
    """Delete rows that no token or session can need any more (a periodic job)."""
    await conn.execute(FORGET, KEPT_HOURS)


INVALIDATIONS: web.AppKey[Invalidations] = web.AppKey("invalidations", Invalidations)
